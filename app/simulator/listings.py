"""Everything that can be looked up: each collection, what is in it, and by what it may be searched."""

from dataclasses import dataclass, field
from functools import partial

from flask import Blueprint, Response, request

from app.simulator import shapes
from app.simulator.calls import RequestRefused, answered, shown
from app.simulator.context import simulator
from app.simulator.forms import nested
from app.simulator.query import BOUNDS, Query
from app.simulator.store import Object

LIVING = ("active", "incomplete", "past_due", "paused", "trialing", "unpaid")
STATUSES = {"ended": ("canceled", "incomplete_expired"), "all": ()}
TYPES_LIMIT = 20


@dataclass(frozen=True)
class Collection:
    """The kind of object in it, and which parameters select by which place in the object."""

    kind: str
    filters: dict[str, str] = field(default_factory=dict)
    required: str = ""


OF_A_CHARGE = {"charge": "charge", "payment_intent": "payment_intent"}
OF_AN_INVOICE = {
    "invoice": "invoice",
    "payment.payment_intent": "payment.payment_intent",
    "payment.type": "payment.type",
    "status": "status",
}
COLLECTIONS = {
    "charges": Collection("charge", {"customer": "customer", "payment_intent": "payment_intent"}),
    "checkout/sessions": Collection(
        "checkout.session", {"customer": "customer", "subscription": "subscription", "status": "status"}
    ),
    "coupons": Collection("coupon"),
    "customers": Collection("customer", {"email": "email"}),
    "disputes": Collection("dispute", OF_A_CHARGE),
    "entitlements/active_entitlements": Collection(
        "entitlements.active_entitlement", {"customer": "_customer"}, required="customer"
    ),
    "entitlements/features": Collection("entitlements.feature", {"lookup_key": "lookup_key"}),
    "events": Collection("event", {"type": "type"}),
    "invoice_payments": Collection("invoice_payment", OF_AN_INVOICE),
    "invoices": Collection(
        "invoice",
        {"customer": "customer", "status": "status", "subscription": "parent.subscription_details.subscription"},
    ),
    "payment_intents": Collection("payment_intent", {"customer": "customer"}),
    "payment_methods": Collection("payment_method", {"customer": "customer", "type": "type"}),
    "prices": Collection("price", {"product": "product"}),
    "products": Collection("product"),
    "promotion_codes": Collection("promotion_code", {"code": "code"}),
    "radar/early_fraud_warnings": Collection("radar.early_fraud_warning", OF_A_CHARGE),
    "refunds": Collection("refund", OF_A_CHARGE),
    "setup_intents": Collection("setup_intent", {"customer": "customer", "payment_method": "payment_method"}),
    "subscriptions": Collection("subscription", {"customer": "customer"}),
}
# what can be looked up by its id alone
SINGLE = {"confirmation_tokens": "confirmation_token"}


def register(blueprint: Blueprint) -> None:
    """A route for each collection and for each object in one."""
    for path, collection in COLLECTIONS.items():
        show = partial(listing, path, collection)
        blueprint.add_url_rule(f"/{path}", f"list {path}", show, methods=["GET"])
    for path, kind in ({path: each.kind for path, each in COLLECTIONS.items()} | SINGLE).items():
        find = partial(retrieve, kind)
        blueprint.add_url_rule(f"/{path}/<identifier>", f"retrieve {path}", find, methods=["GET"])


def listing(path: str, collection: Collection, **fixed: str) -> Response:
    """A slice of a collection. `fixed` are parameters that stand in the address."""
    query = nested(request.args.items(multi=True)) | fixed
    if collection.required and collection.required not in query:
        raise RequestRefused(f"Missing required param: {collection.required}.", param=collection.required)
    limit, store = _limit(query), simulator().store
    _require_places(collection.kind, query)
    asked = {place: _at(query, name) for name, place in collection.filters.items()}
    wanted = Query(
        equal={place: value for place, value in asked.items() if value is not None},
        among=_choices(collection.kind, query),
        between=_created(query),
        delivered={"true": True, "false": False}.get(query.get("delivery_success", "")),
        after=query.get("starting_after"),
        before=query.get("ending_before"),
        limit=limit + 1,
    )
    found = store.select(collection.kind, wanted)
    listed = found[-limit:] if "ending_before" in query else found[:limit]
    answer = {
        "object": "list",
        "url": f"/v1/{path}",
        "has_more": len(found) > limit,
        "data": list(map(shapes.public, listed)),
    }
    return answered(shown(store, answer))


def retrieve(kind: str, identifier: str) -> Response:
    store = simulator().store
    return answered(shown(store, store.get(kind, identifier)))


def _require_places(kind: str, query: Object) -> None:
    """A slice is asked for after or before an object that there is."""
    for place in ("starting_after", "ending_before"):
        if place in query and not simulator().store.has(query[place]):
            raise RequestRefused(f"No such {kind}: {query[place]!r}", code="resource_missing", param=place)


def _limit(query: Object) -> int:
    limit = str(query.get("limit", "10"))
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise RequestRefused("Limit must be between 1 and 100.", param="limit")
    return int(limit)


def _choices(kind: str, query: Object) -> dict[str, tuple[str, ...]]:
    if kind == "subscription":
        status = query.get("status")
        return {"status": STATUSES.get(status, (status,)) if status else LIVING}
    types = query.get("types", ())
    if len(types) > TYPES_LIMIT:
        raise RequestRefused("At most 20 types may be listed.", param="types")
    return {"type": tuple(types)} if types else {}


def _created(query: Object) -> dict[str, int]:
    asked = query.get("created", {})
    bounds = asked if isinstance(asked, dict) else {"gte": asked, "lte": asked}
    if not all(name in BOUNDS and value.isdecimal() for name, value in bounds.items()):
        raise RequestRefused("Invalid created.", param="created")
    return {name: int(value) for name, value in bounds.items()}


def _at(query: Object, name: str) -> str | None:
    """The parameter of a name, which may be one within another: `payment.type`."""
    found: object = query
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
