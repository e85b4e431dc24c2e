"""The part of Stripe's API that the newspaper calls, in the shape of 2026-10-28.endive."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.simulator import lifecycle, shapes
from app.simulator.context import change, simulator
from app.simulator.forms import nested
from app.simulator.store import NoSuchObject, Object, Store
from app.simulator.webhooks import emit

blueprint = Blueprint("api", __name__, url_prefix="/v1")

# Each list: the kind of object in it, and which parameters select by which place in the object.
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "customers": ("customer", {"email": "email"}),
    "events": ("event", {"type": "type"}),
    "invoices": (
        "invoice",
        {"customer": "customer", "status": "status", "subscription": "parent.subscription_details.subscription"},
    ),
    "prices": ("price", {"product": "product"}),
    "products": ("product", {}),
    "subscriptions": ("subscription", {"customer": "customer"}),
}
LIVING = ("active", "incomplete", "past_due", "paused", "trialing", "unpaid")
STATUSES = {"ended": ("canceled", "incomplete_expired"), "all": (*LIVING, "canceled", "incomplete_expired")}


class RequestRefused(Exception):
    """The caller's mistake, answered as Stripe answers it."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


@blueprint.before_request
def require_a_test_key() -> None:
    key = request.authorization.token if request.authorization else None
    if not key or not key.startswith(("sk_test_", "rk_test_")):
        raise RequestRefused("Invalid API Key provided.", status=401)


@blueprint.errorhandler(RequestRefused)
def refused(error: RequestRefused) -> tuple[Response, int]:
    body = {"type": "invalid_request_error", "message": str(error), "code": error.code, "param": error.param}
    return jsonify(error=body), error.status


@blueprint.errorhandler(NoSuchObject)
def missing(error: NoSuchObject) -> tuple[Response, int]:
    return refused(
        RequestRefused(f"No such object: {error.args[0]!r}", status=404, code="resource_missing", param="id")
    )


@blueprint.get("/<collection>")
def listing(collection: str) -> Response:
    if collection not in LISTS:
        raise RequestRefused("Unrecognized request URL.", status=404)
    kind, filters = LISTS[collection]
    query = nested(request.args.items(multi=True))
    limit = _limit(query)
    found = simulator().store.find(
        kind,
        {path: query[name] for name, path in filters.items() if name in query},
        _choices(kind, query),
        after=query.get("starting_after"),
        before=query.get("ending_before"),
        limit=limit + 1,
    )
    page = found[-limit:] if "ending_before" in query else found[:limit]
    return jsonify(
        object="list", url=f"/v1/{collection}", has_more=len(found) > limit, data=[shapes.public(each) for each in page]
    )


def _limit(query: Object) -> int:
    limit = str(query.get("limit", "10"))
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise RequestRefused("Limit must be between 1 and 100.", param="limit")
    return int(limit)


def _choices(kind: str, query: Object) -> dict[str, tuple[str, ...]]:
    if kind == "subscription":
        status = query.get("status")
        return {"status": STATUSES.get(status, (status,)) if status else LIVING}
    return {"type": tuple(query["types"])} if "types" in query else {}


@blueprint.get("/<collection>/<identifier>")
def retrieve(collection: str, identifier: str) -> Response:
    if collection not in LISTS:
        raise RequestRefused("Unrecognized request URL.", status=404)
    return jsonify(shapes.public(simulator().store.get(LISTS[collection][0], identifier)))


@blueprint.post("/customers")
def create_customer() -> Response:
    body = _body()
    customer = shapes.customer(body.get("email"), body.get("name"), body.get("metadata", {}))

    def create(store: Store) -> Object:
        emit(store, "customer.created", customer)
        return store.save("customer", customer)

    return _change(create)


@blueprint.post("/customers/<identifier>")
def update_customer(identifier: str) -> Response:
    body = _body()

    def update(store: Store) -> Object:
        customer = _living_customer(store, identifier)
        customer |= {name: body[name] for name in ("email", "name", "phone", "description") if name in body}
        customer["metadata"] |= body.get("metadata", {})
        emit(store, "customer.updated", customer)
        return store.save("customer", customer)

    return _change(update)


@blueprint.delete("/customers/<identifier>")
def delete_customer(identifier: str) -> Response:
    return _change(lambda store: lifecycle.delete_customer(store, _living_customer(store, identifier)))


@blueprint.post("/checkout/sessions")
def create_checkout_session() -> Response:
    body = _body()
    if body.get("mode") != "subscription":
        raise RequestRefused("Only subscriptions are sold here.", param="mode")

    def create(store: Store) -> Object:
        _living_customer(store, body.get("customer", ""))
        session = shapes.checkout_session(body, simulator().public_url)
        store.get("price", session["_price"])
        return store.save("checkout.session", session)

    return _change(create)


@blueprint.get("/checkout/sessions/<identifier>")
def retrieve_checkout_session(identifier: str) -> Response:
    return jsonify(shapes.public(simulator().store.get("checkout.session", identifier)))


@blueprint.post("/billing_portal/sessions")
def create_portal_session() -> Response:
    body = _body()

    def create(store: Store) -> Object:
        _living_customer(store, body.get("customer", ""))
        return store.save("billing_portal.session", shapes.portal_session(body, simulator().public_url))

    return _change(create)


@blueprint.post("/subscriptions/<identifier>")
def update_subscription(identifier: str) -> Response:
    body = _body()

    def update(store: Store) -> Object:
        subscription = store.get("subscription", identifier)
        subscription["metadata"] |= body.get("metadata", {})
        if body.get("cancel_at_period_end") == "true":
            lifecycle.schedule_end(store, subscription, by_time=False)
        elif body.get("cancel_at_period_end") == "false":
            lifecycle.withdraw_end(store, subscription)
        else:
            store.save("subscription", subscription)
            emit(store, "customer.subscription.updated", subscription)
        return subscription

    return _change(update)


@blueprint.delete("/subscriptions/<identifier>")
def cancel_subscription(identifier: str) -> Response:
    def cancel(store: Store) -> Object:
        subscription = store.get("subscription", identifier)
        lifecycle.cancel(store, subscription)
        return subscription

    return _change(cancel)


def _change(action: Callable[[Store], Object]) -> Response:
    """Act, unless a request with the same idempotency key did: then its answer is given again."""
    key = request.headers.get("Idempotency-Key")

    def once(store: Store) -> Object:
        answer = store.answered(key) if key else None
        if answer is None:
            answer = shapes.public(action(store))
            if key:
                store.remember(key, answer)
        return answer

    return jsonify(change(once))


def _living_customer(store: Store, identifier: str) -> Object:
    customer = store.get("customer", identifier)
    if customer.get("deleted"):
        raise NoSuchObject(identifier)
    return customer


def _body() -> dict[str, Any]:
    return nested(request.form.items(multi=True))
