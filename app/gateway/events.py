"""Events as Stripe sends them, whole ("snapshot") or as a bare notice ("thin"), read into what they are about.

Only ids and types are read: what an event says of the state is old by the time it comes. An object is asked for by its
type and id, so no address in an event is ever followed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.gateway import values

# the type and the id of an object to ask Stripe about; types have Stripe's own names
Hint = tuple[str, str]
SUBSCRIPTION, CUSTOMER, CHARGE, INVOICE = "subscription", "customer", "charge", "invoice"
PAYMENT_METHOD, SETUP_INTENT, CHECKOUT_SESSION = "payment_method", "setup_intent", "checkout.session"
REFUND, DISPUTE, FRAUD_WARNING = "refund", "dispute", "radar.early_fraud_warning"
ENTITLEMENTS, EVENT = "entitlements.active_entitlement_summary", "event"

# The events that are followed, and the type of the object that each carries or names. Those of a subscription are
# followed whatever they are called, since thin ones have names of their own ("v1.customer.subscription.past_due").
OF_SUBSCRIPTIONS = "customer.subscription."
FOLLOWED = {
    "customer.subscription.created": SUBSCRIPTION,
    "customer.subscription.updated": SUBSCRIPTION,
    "customer.subscription.deleted": SUBSCRIPTION,
    "customer.subscription.paused": SUBSCRIPTION,
    "customer.subscription.resumed": SUBSCRIPTION,
    "customer.subscription.trial_will_end": SUBSCRIPTION,
    "customer.subscription.pending_update_expired": SUBSCRIPTION,
    "checkout.session.completed": CHECKOUT_SESSION,
    "checkout.session.async_payment_succeeded": CHECKOUT_SESSION,
    "checkout.session.async_payment_failed": CHECKOUT_SESSION,
    "invoice.finalized": INVOICE,
    "invoice.paid": INVOICE,
    "invoice.payment_failed": INVOICE,
    "invoice.payment_action_required": INVOICE,
    "invoice.voided": INVOICE,
    "invoice.marked_uncollectible": INVOICE,
    "charge.succeeded": CHARGE,
    "charge.refunded": CHARGE,
    "refund.created": REFUND,
    "refund.updated": REFUND,
    "refund.failed": REFUND,
    "charge.dispute.created": DISPUTE,
    "charge.dispute.updated": DISPUTE,
    "charge.dispute.funds_withdrawn": DISPUTE,
    "charge.dispute.closed": DISPUTE,
    "charge.dispute.funds_reinstated": DISPUTE,
    "radar.early_fraud_warning.created": FRAUD_WARNING,
    "customer.updated": CUSTOMER,
    "customer.deleted": CUSTOMER,
    "payment_method.attached": PAYMENT_METHOD,
    "payment_method.updated": PAYMENT_METHOD,
    "payment_method.automatically_updated": PAYMENT_METHOD,
    "payment_method.detached": PAYMENT_METHOD,
    "setup_intent.succeeded": SETUP_INTENT,
    "entitlements.active_entitlement_summary.updated": ENTITLEMENTS,
    "entitlements.active_entitlement_summary.entitlement_added": ENTITLEMENTS,
    "entitlements.active_entitlement_summary.entitlement_removed": ENTITLEMENTS,
}

# What is to be asked for when an object of a type comes whole: the type, and where its id stands. A thin event gives
# only the id of the object itself, and that is what is asked for then.
ASKED_FOR: dict[str, tuple[tuple[str, str], ...]] = {
    SUBSCRIPTION: ((SUBSCRIPTION, "id"),),
    CHECKOUT_SESSION: ((CHECKOUT_SESSION, "id"),),
    # invoices name their parent since 2025; before, the subscription itself and the charge
    INVOICE: (
        (SUBSCRIPTION, "parent.subscription_details.subscription"),
        (SUBSCRIPTION, "subscription"),
        (CHARGE, "charge"),
    ),
    CHARGE: ((CHARGE, "id"),),
    REFUND: ((CHARGE, "charge"),),
    DISPUTE: ((CHARGE, "charge"),),
    FRAUD_WARNING: ((CHARGE, "charge"),),
    CUSTOMER: ((CUSTOMER, "id"),),
    PAYMENT_METHOD: ((PAYMENT_METHOD, "id"),),
    SETUP_INTENT: ((PAYMENT_METHOD, "payment_method"),),
    ENTITLEMENTS: ((CUSTOMER, "customer"),),
}

# all that parsing a document of any shape, and picking it apart, can raise
UNREADABLE = (msgspec.DecodeError, RecursionError, *values.UNREADABLE)


class NotAnEvent(ValueError):
    """Signed, yet no event: a fault of ours, of a proxy's or of Stripe's."""


@dataclass(frozen=True)
class Event:
    """What we read of an event.

    `hints` are the objects, as (type, id), to ask Stripe about. `foreign`: it is of another account than ours.
    `snapshot_event` is the id under which the change of a thin event is told whole.
    """

    id: str
    type: str
    livemode: bool
    foreign: bool
    created_at: datetime
    object_type: str | None
    object_id: str | None
    snapshot_event: str | None
    hints: frozenset[Hint]


def parse(body: bytes) -> Event:
    """Read a verified body. Raises NotAnEvent."""
    try:
        return _event(msgspec.json.decode(body, type=dict[str, Any]))
    except UNREADABLE as error:
        raise NotAnEvent(type(error).__name__) from error


def read(document: Mapping[str, Any]) -> Event:
    """Read an event that was fetched. Raises NotAnEvent."""
    try:
        return _event(document)
    except UNREADABLE as error:
        raise NotAnEvent(type(error).__name__) from error


def _event(document: Mapping[str, Any]) -> Event:
    thin = document.get("object") == "v2.core.event"
    subject = _mapping(document.get("related_object") if thin else _mapping(document.get("data")).get("object"))
    name, snapshot_event = _text(document["type"]), _optional_text(document.get("snapshot_event"))
    if not isinstance(document["livemode"], bool):
        raise TypeError("not the shape of an event")
    return Event(
        id=_text(document["id"]),
        type=name,
        livemode=document["livemode"],
        foreign=document.get("account") is not None or document.get("context") is not None,
        created_at=_moment(document["created"]),
        object_type=_optional_text(subject.get("type" if thin else "object")),
        object_id=_optional_text(subject.get("id")),
        snapshot_event=snapshot_event,
        hints=_of_notice(name, subject, snapshot_event) if thin else asked_for(_carried(name) or "", subject),
    )


def _carried(name: str) -> str | None:
    """The type of object that events of this name are about; None where we do not follow them."""
    return SUBSCRIPTION if name.startswith(OF_SUBSCRIPTIONS) else FOLLOWED.get(name)


def asked_for(kind: str, thing: Mapping[str, Any]) -> frozenset[Hint]:
    """What to ask Stripe about, given an object of type `kind`. Raises one of UNREADABLE."""
    found = ((wanted, _at(thing, place)) for wanted, place in ASKED_FOR.get(kind, ()))
    return frozenset((wanted, identifier) for wanted, identifier in found if identifier is not None)


def _of_notice(name: str, related: Mapping[str, Any], snapshot_event: str | None) -> frozenset[Hint]:
    """The names of thin events begin with "v1."; one that names no object is looked up as the event it repeats."""
    kind = _carried(name.removeprefix("v1."))
    if kind is None:
        return frozenset()
    if kind != ENTITLEMENTS and related:
        return frozenset({(kind, _text(related["id"]))})
    return frozenset({(EVENT, snapshot_event)}) if snapshot_event else frozenset()


def _at(subject: Mapping[str, Any], place: str) -> str | None:
    """The id at `place` (names with dots between); of an object that is expanded there, its own."""
    found: Any = subject
    for name in place.split("."):
        found = _mapping(found).get(name)
    return _optional_text(found["id"] if isinstance(found, Mapping) else found)


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise TypeError("expected an object")
    return value or {}


def _text(value: Any) -> str:
    """Ids and names of types: short, printable and without a NUL, which PostgreSQL cannot store."""
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise TypeError("expected a short text")
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _moment(value: Any) -> datetime:
    """Seconds in a snapshot, an ISO date in a notice; in UTC, where an extreme one may not exist."""
    if isinstance(value, int):
        return values.moment(value)
    told = datetime.fromisoformat(_text(value))
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
