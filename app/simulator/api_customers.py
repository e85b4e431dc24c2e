"""Calls about customers."""

from flask import Blueprint, Response

from app.simulator import lifecycle, shapes
from app.simulator.calls import body, living_customer, perform
from app.simulator.listings import COLLECTIONS, listing
from app.simulator.store import Object, Store
from app.simulator.webhooks import emit

PLAIN = ("description", "email", "name", "phone")


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/customers", view_func=create_customer, methods=["POST"])
    blueprint.add_url_rule("/customers/<identifier>", view_func=update_customer, methods=["POST"])
    blueprint.add_url_rule("/customers/<identifier>", view_func=delete_customer, methods=["DELETE"])
    blueprint.add_url_rule("/customers/<customer>/payment_methods", view_func=list_payment_methods)


def create_customer() -> Response:
    given = body()
    customer = shapes.customer(given.get("email"), given.get("name"), given.get("metadata", {}))
    customer |= {name: given[name] for name in PLAIN if name in given}

    def create(store: Store) -> Object:
        emit(store, "customer.created", customer)
        return store.save("customer", customer)

    return perform(create)


def update_customer(identifier: str) -> Response:
    given = body()

    def update(store: Store) -> Object:
        customer = living_customer(store, identifier)
        customer |= {name: given[name] or None for name in PLAIN if name in given}
        shapes.merge_metadata(customer, given)
        if method := given.get("invoice_settings", {}).get("default_payment_method"):
            store.get("payment_method", method)
            customer["invoice_settings"]["default_payment_method"] = method
        emit(store, "customer.updated", customer)
        return store.save("customer", customer)

    return perform(update)


def delete_customer(identifier: str) -> Response:
    return perform(lambda store: lifecycle.delete_customer(store, living_customer(store, identifier)))


def list_payment_methods(customer: str) -> Response:
    return listing(f"customers/{customer}/payment_methods", COLLECTIONS["payment_methods"], customer=customer)
