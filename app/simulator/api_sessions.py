"""Calls for the pages that Stripe hosts: Checkout and the Portal."""

from flask import Blueprint, Response

from app.simulator import checkouts, setups, shapes
from app.simulator.calls import RequestRefused, body, named_customer, page, perform
from app.simulator.store import Object, Store


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/checkout/sessions", view_func=create_checkout_session, methods=["POST"])
    blueprint.add_url_rule(
        "/checkout/sessions/<identifier>/expire", view_func=expire_checkout_session, methods=["POST"]
    )
    blueprint.add_url_rule("/billing_portal/sessions", view_func=create_portal_session, methods=["POST"])


def create_checkout_session() -> Response:
    given = body()
    if given.get("mode") not in {"subscription", "setup"}:
        raise RequestRefused("Only subscriptions are sold here.", param="mode")

    def create(store: Store) -> Object:
        customer = named_customer(store, given.get("customer", ""))
        session = shapes.checkout_session(given, page())
        if given["mode"] == "setup":
            intent = setups.new(customer["id"], given.get("setup_intent_data", {}).get("metadata", {}))
            session["setup_intent"] = store.save("setup_intent", intent)["id"]
        else:
            store.get("price", session["_price"])
        return store.save("checkout.session", session)

    return perform(create)


def expire_checkout_session(identifier: str) -> Response:
    def expire(store: Store) -> Object:
        session = store.get("checkout.session", identifier)
        if session["status"] != "open":
            raise RequestRefused("Only open sessions can be expired.")
        return checkouts.expire(store, session)

    return perform(expire)


def create_portal_session() -> Response:
    given = body()

    def create(store: Store) -> Object:
        named_customer(store, given.get("customer", ""))
        return store.save("billing_portal.session", shapes.portal_session(given, page()))

    return perform(create)
