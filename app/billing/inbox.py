"""Events from Stripe: each is kept once under its own id, and marks the object to ask Stripe about.

The payload is a hint and is not kept. What it says of the state is never believed, since events arrive doubled, late
and out of order, eight within one second of their clock.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync
from app.db import insert_once
from app.models import StripeEvent, Subscription

# all that parsing and picking apart a document of any shape can raise
UNREADABLE = (
    msgspec.DecodeError,
    RecursionError,
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    ArithmeticError,
    OSError,
)
log = structlog.get_logger()


class NotAnEvent(ValueError):
    """Signed, yet no event: a fault of ours, of a proxy's or of Stripe's."""


class Outcome(StrEnum):
    """What became of an event; all but DUPLICATE are kept with it (models.stripe_event)."""

    QUEUED = "queued"
    DUPLICATE = "duplicate"
    IGNORED_TYPE = "ignored_type"
    IGNORED_MODE = "ignored_mode"
    IGNORED_ACCOUNT = "ignored_account"


@dataclass(frozen=True)
class Event:
    """What we read of an event; `marks` are the objects, as (type, id), that it says have changed."""

    id: str
    type: str
    livemode: bool
    foreign: bool
    created_at: datetime
    object_type: str | None
    object_id: str | None
    marks: tuple[tuple[str, str], ...]


def parse(body: bytes) -> Event:
    """Read a verified body. Raises NotAnEvent."""
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
        return _event(document)
    except UNREADABLE as error:
        raise NotAnEvent(type(error).__name__) from error


def receive(session: Session, event: Event, body: bytes, *, live: bool, source: str = "webhook") -> Outcome:
    """Keep the event once, mark what it names, leave the work as a job: all in the caller's transaction.

    `live` is our own mode: an event of the other mode is recorded and nothing follows. `source` is webhook or poll.
    """
    outcome = _outcome(event, live)
    inserted = insert_once(
        session,
        StripeEvent,
        id=event.id,
        type=event.type,
        object_type=event.object_type,
        object_id=event.object_id,
        livemode=event.livemode,
        sha256=hashlib.sha256(body).hexdigest(),
        source=source,
        state=outcome.value,
        created_at=event.created_at,
        received_at=clock.now(),
    )
    if not inserted:
        return Outcome.DUPLICATE
    if outcome is Outcome.IGNORED_MODE:
        log.error("stripe event of the other mode", event_id=event.id, livemode=event.livemode)
    if outcome is Outcome.QUEUED:
        for object_type, object_id in sorted(_with_dependents(session, event)):
            sync.request(session, object_type, object_id)
    return outcome


def _outcome(event: Event, live: bool) -> Outcome:
    if event.livemode != live:
        return Outcome.IGNORED_MODE
    if event.foreign:
        return Outcome.IGNORED_ACCOUNT
    return Outcome.QUEUED if event.marks else Outcome.IGNORED_TYPE


def _with_dependents(session: Session, event: Event) -> set[tuple[str, str]]:
    """A deleted customer takes its subscriptions along."""
    marks = set(event.marks)
    for object_type, object_id in event.marks:
        if object_type == sync.CUSTOMER:
            ids = session.scalars(select(Subscription.id).where(Subscription.customer_id == object_id))
            marks |= {(sync.SUBSCRIPTION, identifier) for identifier in ids}
    return marks


def _event(document: Mapping[str, Any]) -> Event:
    subject = (document.get("data") or {}).get("object") or {}
    kind, identifier = _text(document["type"]), _text(document["id"])
    if not isinstance(subject, Mapping) or not isinstance(document["livemode"], bool):
        raise TypeError("not the shape of an event")
    return Event(
        id=identifier,
        type=kind,
        livemode=document["livemode"],
        foreign=document.get("account") is not None,
        created_at=_moment(document["created"]),
        object_type=_optional_text(subject.get("object")),
        object_id=_optional_text(subject.get("id")),
        marks=_marks(kind, subject),
    )


def _marks(kind: str, subject: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    if kind.startswith("customer.subscription."):
        return _mark(sync.SUBSCRIPTION, subject.get("id"))
    if kind.startswith("checkout.session."):
        return _mark(sync.SUBSCRIPTION, subject.get("subscription"))
    if kind.startswith("invoice."):
        return _mark(sync.SUBSCRIPTION, _subscription_of_invoice(subject))
    if kind == "customer.deleted":
        return _mark(sync.CUSTOMER, subject.get("id"))
    return ()


def _mark(object_type: str, reference: Any) -> tuple[tuple[str, str], ...]:
    """The object named by an id or, expanded, given whole; nothing where there is none."""
    identifier = reference.get("id") if isinstance(reference, Mapping) else reference
    return ((object_type, _text(identifier)),) if identifier is not None else ()


def _subscription_of_invoice(invoice: Mapping[str, Any]) -> Any:
    """Invoices name their parent since 2025; before, the subscription itself."""
    parent = invoice.get("parent") or {}
    return (parent.get("subscription_details") or {}).get("subscription") or invoice.get("subscription")


def _text(value: Any) -> str:
    """Ids and names of types: short, printable and without a NUL, which PostgreSQL cannot store."""
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise TypeError("expected a short text")
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _moment(value: Any) -> datetime:
    """Seconds in an event of the first kind, an ISO date in one of the second."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(_text(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
