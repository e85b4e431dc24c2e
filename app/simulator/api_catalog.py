"""Calls that add to what is sold."""

from flask import Blueprint, Response

from app.simulator import catalog
from app.simulator.calls import body, perform
from app.simulator.store import Object, Store


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/products", view_func=create_product, methods=["POST"])
    blueprint.add_url_rule("/prices", view_func=create_price, methods=["POST"])


def create_product() -> Response:
    given = body()
    made = catalog.product(given["name"], given.get("description")) | {"metadata": given.get("metadata", {})}
    return perform(lambda store: store.save("product", made))


def create_price() -> Response:
    given = body()

    def create(store: Store) -> Object:
        product = store.get("product", given["product"])
        interval = given.get("recurring", {}).get("interval", "month")
        made = catalog.price(product["id"], int(given["unit_amount"]), given["currency"], interval)
        made |= {name: given[name] for name in ("lookup_key", "metadata", "nickname") if name in given}
        return store.save("price", made)

    return perform(create)
