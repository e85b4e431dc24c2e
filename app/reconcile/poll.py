"""Events that no webhook brought: every few minutes Stripe's own list is read on into the same inbox.

The place in the list moves in the transaction that keeps the events before it. It stays a little behind the newest,
since events made at about the same time may enter the list late; what is read twice for it is kept once.
"""

from datetime import datetime, timedelta
from itertools import islice

import msgspec
import structlog
from sqlalchemy.orm import Session

from app import clock
from app.billing import inbox
from app.db import Database, insert_once
from app.gateway import event_log, events
from app.gateway.client import Object, Stripe
from app.gateway.event_log import ForgottenEvent
from app.gateway.events import Event, NotAnEvent
from app.models import StripeCursor
from app.reconcile import deep

CURSOR = "events"
SETTLED_AFTER = timedelta(minutes=5)
# how far back the very first poll looks; what is older is found by the reconcile that also begins then
FIRST_LOOK_BACK = timedelta(hours=1)
BATCH_EVENTS = 100
# of batches in one go, so that other work gets its turn
MOST_BATCHES = 50
log = structlog.get_logger()


def poll(database: Database, stripe: Stripe) -> bool:
    """Read on from where the last poll stopped; True if there is more to read at once.

    Raises StripeUnavailable on the way; what was kept until then stays kept.
    """
    began = clock.now()
    with database.reading() as session:
        place = session.get(StripeCursor, CURSOR)
    if place is None:
        _start(database, stripe, began - FIRST_LOOK_BACK, began)
        return False
    if place.value is not None:
        try:
            return _go_on(database, stripe, place.value, began)
        except ForgottenEvent:
            log.error("nothing was heard for longer than stripe lists events: all is asked for")
            deep.mark_all(database, stripe)
    _start(database, stripe, place.updated_at - SETTLED_AFTER, began)
    return False


def _go_on(database: Database, stripe: Stripe, place: str, began: datetime) -> bool:
    listed = event_log.after(stripe, place)
    moved = False
    for _number in range(MOST_BATCHES):
        batch = list(islice(listed, BATCH_EVENTS))
        with database.transaction() as session:
            settled = _keep(session, batch, stripe, began)
            if len(batch) < BATCH_EVENTS:
                _move(session, settled[-1:], seen_all_at=began)
                return False
            _move(session, settled[-1:])
        moved = moved or bool(settled)
    return moved


def _start(database: Database, stripe: Stripe, since: datetime, began: datetime) -> None:
    """The list can only be gone through from its newest end here, so the place is taken last of all."""
    listed = event_log.since(stripe, since)
    newest: list[str] = []
    while batch := list(islice(listed, BATCH_EVENTS)):
        with database.transaction() as session:
            settled = _keep(session, batch, stripe, began)
        newest = newest or settled[:1]
    with database.transaction() as session:
        _move(session, newest, seen_all_at=began)


def _keep(session: Session, batch: list[Object], stripe: Stripe, began: datetime) -> list[str]:
    """Keep the events that somebody follows; the ids of all that the place may move to, in the order of `batch`."""
    settled = []
    for document in batch:
        event = _read(document)
        if event is None:
            continue
        if event.hints:
            inbox.receive(session, event, msgspec.json.encode(document), live=stripe.live, source="poll")
        if event.created_at <= began - SETTLED_AFTER:
            settled.append(event.id)
    return settled


def _read(document: Object) -> Event | None:
    """None for what is no event: one such must not stop all that come after it."""
    try:
        return events.read(document)
    except NotAnEvent as error:
        log.error("listed, yet no event", error=str(error))
        return None


def _move(session: Session, to: list[str], seen_all_at: datetime | None = None) -> None:
    """`to`: no or one id of an event."""
    insert_once(session, StripeCursor, name=CURSOR, value=None, counted=0, updated_at=clock.now())
    place = session.get_one(StripeCursor, CURSOR, with_for_update=True)
    place.value = to[0] if to else place.value
    place.updated_at = seen_all_at or place.updated_at
