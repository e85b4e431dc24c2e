"""What billing does again and again without being told: it listens for events that no webhook brought, compares
everything with Stripe once a night, and forgets old events.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from app import clock
from app.db import Database
from app.gateway.client import StripeRefused, StripeUnavailable
from app.installation import Installation
from app.jobs import queue
from app.jobs.runner import Handler, Recurring
from app.models import StripeEvent
from app.reconcile import poll, runs
from config.policy import HouseRules

POLL, RECONCILE, FORGET = "stripe.poll", "stripe.reconcile", "stripe.forget"
BATCH_EVENTS = 1000
RECURRING = (
    Recurring(POLL, every=timedelta(minutes=5)),
    # looks whether a run is due or was interrupted
    Recurring(RECONCILE, every=timedelta(hours=1)),
    Recurring(FORGET, every=timedelta(days=1)),
)


def handlers(it: Installation) -> Mapping[str, Handler]:
    """What the worker runs, by the kind of job."""
    return {
        FORGET: lambda _payload: forget(it.database, it.house),
        POLL: _while_there_is_more(it.database, POLL, lambda: poll.poll(it.database, it.stripe)),
        RECONCILE: _while_there_is_more(it.database, RECONCILE, lambda: runs.nightly(it.database, it.stripe)),
    }


def forget(database: Database, house: HouseRules) -> None:
    """Delete events that are older than the policy keeps them, a batch per transaction."""
    oldest = clock.now() - timedelta(days=house.retention.stripe_events_days)
    old = select(StripeEvent.id).where(StripeEvent.received_at < oldest).order_by(StripeEvent.received_at)
    number = BATCH_EVENTS
    while number == BATCH_EVENTS:
        with database.transaction() as session:
            batch = session.scalars(old.limit(BATCH_EVENTS)).all()
            session.execute(delete(StripeEvent).where(StripeEvent.id.in_(batch)))
        number = len(batch)


def _while_there_is_more(database: Database, kind: str, go_on: Callable[[], bool]) -> Handler:
    """A job that leaves itself again, behind whatever else is due, while `go_on` says that there is more to do.

    It does not fail where Stripe cannot be asked: it comes again soon, and must not end among what failed for good.
    """

    def work(_payload: dict[str, Any]) -> None:
        try:
            more = go_on()
        except StripeRefused:
            raise
        except StripeUnavailable:
            return
        if more:
            with database.transaction() as session:
                queue.enqueue(session, kind, unique_key=kind)

    return work
