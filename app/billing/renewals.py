"""Which hints may wait: those of a renewal, of a subscription that lets its reader write meanwhile, too.

A large paper renews fifty thousand subscriptions within a day, which takes Stripe hours to answer. What may take the
right to write away, or give it, goes before that, and so does whatever somebody at a page waits for. What an event says
is not believed here either: its name and what we know decide the order, and nothing but the order.
"""

from datetime import timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app import clock
from app.db import shared
from app.gateway.events import SUBSCRIPTION
from app.models import Subscription

UPDATED = "customer.subscription.updated"
EVENTS = frozenset({UPDATED, "invoice.finalized", "invoice.paid", "charge.succeeded"})
# so long after its period a subscription lets its reader write under any policy
STILL_WRITES = timedelta(days=1)
# of what lets its reader write until it is asked for; put together once, since a webhook waits for it
PERIOD_END = shared(
    select(Subscription.period_end).where(
        Subscription.id == bindparam("id"),
        Subscription.status == "active",
        Subscription.cancel_at.is_(None),
        Subscription.deleted.is_(False),
        Subscription.awaited.is_(False),
        Subscription.written_off.is_(False),
        Subscription.unpaid == {},
    )
)


def may_wait(session: Session, event: str, object_type: str, object_id: str) -> bool:
    """Whether an object that an event (by its name, whole or thin) hints at can be asked for after all others."""
    name = event.removeprefix("v1.")
    if name not in EVENTS:
        return False
    return object_type != SUBSCRIPTION or _runs_on(session, object_id, renewing=name == UPDATED)


def _runs_on(session: Session, subscription_id: str, *, renewing: bool) -> bool:
    """Whether it lets its reader write until it is asked for. `renewing`: only where its period is over by now, since
    whatever else happens to one is told of by the same name.
    """
    now, end = clock.now(), session.scalar(PERIOD_END, {"id": subscription_id})
    return end is not None and end > now - STILL_WRITES and not (renewing and end > now)
