"""Events from Stripe: each is kept once under its own id, and marks the objects to ask Stripe about.

The payload is a hint and is not kept. What it says of the state is never believed, since events arrive doubled, late
and out of order, eight within one second of their clock.
"""

import hashlib
from enum import StrEnum
from functools import cache

import structlog
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app import clock
from app.billing import renewals, sync
from app.db import INSERT, dialect_of, shared
from app.gateway.events import Event
from app.models import StripeEvent

log = structlog.get_logger()


class EventOutcome(StrEnum):
    """What became of an event; all but DUPLICATE are kept with it (models.stripe_event)."""

    QUEUED = "queued"
    DUPLICATE = "duplicate"
    IGNORED_TYPE = "ignored_type"
    IGNORED_MODE = "ignored_mode"
    IGNORED_ACCOUNT = "ignored_account"


def receive(session: Session, event: Event, body: bytes, *, live: bool, source: str = "webhook") -> EventOutcome:
    """Keep the event once, mark what it names, leave the work as a job: all in the caller's transaction.

    `body` is what came over the wire, of which only a digest is kept. `live` is our own mode: an event of the other
    mode is recorded and nothing follows. `source` is webhook or poll.
    """
    outcome = _outcome(event, live)
    if not _keep(session, event, hashlib.sha256(body).hexdigest(), source, outcome):
        return EventOutcome.DUPLICATE
    if outcome is EventOutcome.IGNORED_MODE:
        log.error("stripe event of the other mode", event_id=event.id, livemode=event.livemode)
    if outcome is EventOutcome.QUEUED:
        for object_type, object_id in sorted(event.hints):
            patient = renewals.may_wait(session, event.type, object_type, object_id)
            sync.request(session, object_type, object_id, patient=patient)
    return outcome


def _outcome(event: Event, live: bool) -> EventOutcome:
    if event.livemode != live:
        return EventOutcome.IGNORED_MODE
    if event.foreign:
        return EventOutcome.IGNORED_ACCOUNT
    return EventOutcome.QUEUED if event.hints else EventOutcome.IGNORED_TYPE


def _keep(session: Session, event: Event, sha256: str, source: str, outcome: EventOutcome) -> bool:
    """Insert the event unless it, or the same change told in the other form, is here: whichever came first counts.

    One statement. Where both forms come in the same instant both are kept, and their marks meet in one job.
    """
    values = {
        "id": event.id,
        "type": event.type,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "livemode": event.livemode,
        "snapshot_event": event.snapshot_event,
        "sha256": sha256,
        "source": source,
        "state": outcome.value,
        "created_at": event.created_at,
        "received_at": clock.now(),
    }
    added = _added(dialect_of(session), tuple(values), from_snapshot=event.snapshot_event is None)
    return session.execute(added, values).first() is not None


@cache
def _added(dialect: str, names: tuple[str, ...], *, from_snapshot: bool) -> ReturningInsert[str]:
    """Kept, since putting it together takes longer than the database takes to do it."""
    told = {name: bindparam(name, type_=StripeEvent.__table__.columns[name].type) for name in names}
    twin = StripeEvent.snapshot_event == told["id"] if from_snapshot else StripeEvent.id == told["snapshot_event"]
    row = select(*told.values()).where(~exists().where(twin))
    added = INSERT[dialect](StripeEvent.__table__).from_select(names, row)
    return shared(added.on_conflict_do_nothing().returning(StripeEvent.id))
