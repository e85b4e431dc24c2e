"""How well we hear Stripe, in numbers that cost the same however many subscribers there are."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync
from app.billing.entitlement import FINAL
from app.models import Customer, StripeCursor, StripeEvent, StripeSync, Subscription
from app.models.stripe_sync import BEHIND, TROUBLED

# nobody needs to know how many more there are, and counting them all takes long
MOST_COUNTED = 10_000
# the cursor that the last finished reconcile leaves
RECONCILED = "reconciled"


def read(session: Session) -> dict[str, float]:
    """For /metrics: counts, up to MOST_COUNTED, and ages in seconds, 0 where there is nothing yet.

    `drift` is how much differed at the last reconcile.
    """
    waiting = select(StripeSync.behind_since).where(BEHIND).order_by(StripeSync.behind_since)
    reconciled = session.get(StripeCursor, RECONCILED)
    return {
        "unfinished": _count(session, waiting),
        "in_trouble": _count(session, select(StripeSync.object_id).where(TROUBLED)),
        "restless": _count(session, sync.restless(MOST_COUNTED)),
        "lag_seconds": _age(session.scalar(waiting.limit(1))),
        "last_event_age_seconds": _age(session.scalar(select(func.max(StripeEvent.received_at)))),
        "orphaned_customers": _count(session, select(Customer.id).where(Customer.account_id.is_(None))),
        "orphaned_subscriptions": _count(session, _orphans()),
        "events_only_polled": float(heard(session).get("poll", 0)),
        "drift": float(reconciled.counted) if reconciled else 0.0,
        "reconciled_age_seconds": _age(reconciled.updated_at if reconciled else None),
    }


def heard(session: Session) -> dict[str, int]:
    """How many events came first by webhook and first by poll within the last hour, of the latest MOST_COUNTED."""
    recent = select(StripeEvent.source).where(StripeEvent.received_at > clock.now() - timedelta(hours=1))
    latest = recent.order_by(StripeEvent.received_at.desc()).limit(MOST_COUNTED).subquery()
    return dict(session.execute(select(latest.c.source, func.count()).group_by(latest.c.source)).all())


def _orphans() -> Select[Any]:
    """Subscriptions that run and belong to nobody we know; among the first MOST_COUNTED of nobody's, so that ended ones
    cost no more as they gather.
    """
    columns = select(Subscription.id, Subscription.status, Subscription.deleted)
    nobodys = columns.where(Subscription.account_id.is_(None)).limit(MOST_COUNTED).subquery()
    return select(nobodys.c.id).where(nobodys.c.deleted.is_(False), nobodys.c.status.not_in(FINAL))


def _count(session: Session, found: Select[Any]) -> float:
    return float(session.scalar(select(func.count()).select_from(found.limit(MOST_COUNTED).subquery())) or 0)


def _age(moment: Any) -> float:
    return (clock.now() - moment).total_seconds() if moment else 0.0
