"""Calls that begin, change and end a subscription."""

from flask import Blueprint, Response

from app.simulator import lifecycle, shapes
from app.simulator.calls import RequestRefused, accept_card, answered, body, named_customer, page, perform
from app.simulator.context import simulator
from app.simulator.lifecycle import SubscriptionOrder
from app.simulator.store import NoSuchObject, Object, Store, now


def register(blueprint: Blueprint) -> None:
    one = "/subscriptions/<identifier>"
    blueprint.add_url_rule("/subscription_items", view_func=list_items, methods=["GET"])
    blueprint.add_url_rule("/subscriptions", view_func=create_subscription, methods=["POST"])
    blueprint.add_url_rule(one, view_func=update_subscription, methods=["POST"])
    blueprint.add_url_rule(one, view_func=cancel_subscription, methods=["DELETE"])
    blueprint.add_url_rule(f"{one}/resume", view_func=resume_subscription, methods=["POST"])


def create_subscription() -> Response:
    given = body()

    def create(store: Store) -> Object:
        customer = named_customer(store, given.get("customer", ""))
        price, *more = [item["price"] for item in given["items"]]
        metadata = given.get("metadata", {})
        chosen = given.get("default_payment_method")
        days = int(given.get("days_until_due", 30)) if given.get("collection_method") == "send_invoice" else None
        order = SubscriptionOrder(customer["id"], price, metadata, chosen, more, days)
        if days is not None:
            return lifecycle.create_subscription(store, order)
        if days := int(given.get("trial_period_days", 0)):
            return lifecycle.begin_trial(store, order, days)
        method = _method(store, customer, chosen)
        if given.get("payment_behavior") == "error_if_incomplete":
            accept_card(method)
        return lifecycle.create_subscription(store, order, page=page())

    return perform(create)


def list_items() -> Response:
    """All of them at once."""
    identifier = body().get("subscription", "")
    found = simulator().store.get("subscription", identifier)["items"]["data"]
    return answered({"object": "list", "url": "/v1/subscription_items", "has_more": False, "data": found})


def update_subscription(identifier: str) -> Response:
    given = body()

    def update(store: Store) -> Object:
        subscription = store.get("subscription", identifier)
        if subscription["status"] in lifecycle.OVER:
            raise RequestRefused("A canceled subscription can only update its cancellation_details and metadata.")
        if subscription["status"] == "incomplete" and given.keys() - {"metadata", "default_payment_method"}:
            raise RequestRefused("A subscription that is incomplete can only update its metadata and payment method.")
        _apply(store, subscription, given)
        for wanted in given.get("items", ()):
            item = next(each for each in subscription["items"]["data"] if each["id"] == wanted["id"])
            invoiced = given.get("proration_behavior") == "always_invoice"
            lifecycle.switch(store, subscription, item, store.get("price", wanted["price"]), invoiced=invoiced)
        if given.get("cancel_at_period_end") == "true":
            lifecycle.schedule_end(store, subscription, by_time=False)
        elif given.get("cancel_at_period_end") == "false":
            lifecycle.withdraw_end(store, subscription)
        else:
            lifecycle.changed(store, subscription)
        return subscription

    return perform(update)


def cancel_subscription(identifier: str) -> Response:
    given = body()

    def cancel(store: Store) -> Object:
        subscription = store.get("subscription", identifier)
        if subscription["status"] in lifecycle.OVER:
            raise NoSuchObject(identifier)
        subscription["cancellation_details"] |= _details(given)
        lifecycle.cancel(store, subscription)
        return subscription

    return perform(cancel)


def resume_subscription(identifier: str) -> Response:
    def resume(store: Store) -> Object:
        subscription = store.get("subscription", identifier)
        if subscription["status"] != "paused":
            raise RequestRefused("Only a paused subscription can be resumed.")
        lifecycle.resume(store, subscription)
        return subscription

    return perform(resume)


def _apply(store: Store, subscription: Object, given: Object) -> None:
    shapes.merge_metadata(subscription, given)
    subscription["cancellation_details"] |= _details(given)
    if "default_payment_method" in given:
        subscription["default_payment_method"] = store.get("payment_method", given["default_payment_method"])["id"]
    if "pause_collection" in given:
        subscription["pause_collection"] = _paused(given["pause_collection"])
    if "cancel_at" in given:
        end = given["cancel_at"]
        subscription |= {"cancel_at": int(end) if end else None, "canceled_at": now() if end else None}


def _paused(given: Object | str) -> Object | None:
    """An empty text takes the pause back."""
    if not isinstance(given, dict):
        return None
    until = given.get("resumes_at")
    return {"behavior": given["behavior"], "resumes_at": int(until) if until else None}


def _details(given: Object) -> Object:
    return {name: value or None for name, value in given.get("cancellation_details", {}).items()}


def _method(store: Store, customer: Object, chosen: str | None) -> Object:
    identifier = chosen or customer["invoice_settings"]["default_payment_method"]
    if not identifier:
        raise RequestRefused(
            "This customer has no attached payment source or default payment method.", code="resource_missing"
        )
    method = store.get("payment_method", identifier)
    if method["customer"] != customer["id"]:
        raise RequestRefused("The customer does not have a payment method with this ID.", code="resource_missing")
    return method
