"""Calls that add to what is sold."""

from flask import Blueprint, Response

from app.simulator import catalog, discounts, entitlements
from app.simulator.calls import answered, body, perform
from app.simulator.context import simulator
from app.simulator.store import Object, Store


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/products", view_func=create_product, methods=["POST"])
    blueprint.add_url_rule("/products/<identifier>/features", view_func=list_features, methods=["GET"])
    blueprint.add_url_rule("/coupons", view_func=create_coupon, methods=["POST"])
    blueprint.add_url_rule("/promotion_codes", view_func=create_promotion_code, methods=["POST"])
    blueprint.add_url_rule("/prices", view_func=create_price, methods=["POST"])


def create_product() -> Response:
    given = body()
    made = catalog.product(given["name"], given.get("description")) | {"metadata": given.get("metadata", {})}
    return perform(lambda store: store.save("product", made))


def create_coupon() -> Response:
    given = body()
    return perform(
        lambda store: store.save("coupon", discounts.coupon(int(given["percent_off"]), given.get("duration", "once")))
    )


def create_promotion_code() -> Response:
    given = body()

    def create(store: Store) -> Object:
        coupon = store.get("coupon", given["promotion"]["coupon"])
        return store.save("promotion_code", discounts.promotion_code(coupon["id"], given["code"]))

    return perform(create)


def list_features(identifier: str) -> Response:
    """All of them at once."""
    found = entitlements.carried_by(simulator().store, identifier)
    url = f"/v1/products/{identifier}/features"
    return answered({"object": "list", "url": url, "has_more": False, "data": found})


def create_price() -> Response:
    given = body()

    def create(store: Store) -> Object:
        product = store.get("product", given["product"])
        interval = given.get("recurring", {}).get("interval", "month")
        made = catalog.price(product["id"], int(given["unit_amount"]), given["currency"], interval)
        made |= {name: given[name] for name in ("lookup_key", "metadata", "nickname") if name in given}
        return store.save("price", made)

    return perform(create)
