"""The condition of billing in words, for whoever runs it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync, throttle
from app.billing.entitlement import FINAL
from app.models import Job, StripeCursor, StripeEvent, StripeSync, StripeThrottle, Subscription
from app.models.job import DEAD
from app.models.stripe_sync import TROUBLED
from app.reconcile import gauges, poll
from config.settings import Settings

# of ids that are named
MOST_IDS = 20


def lines(session: Session, settings: Settings) -> Iterator[tuple[str, str]]:
    """Name and words, one line after the other; ids of orphaned customers are the only ones among them."""
    now = clock.now()
    measured = gauges.read(session)
    yield "mode", settings.stripe_mode
    yield "keys", _keys(settings)
    yield "webhook secrets", str(len(settings.stripe_webhook_secrets))
    yield "last webhook", _ago(now, _last(session, "webhook"))
    yield "last found by polling", _ago(now, _last(session, "poll"))
    yield "last poll", _ago(now, polled_at(session))
    yield "unfinished", f"{_count(measured['unfinished'])}, for {_span(timedelta(seconds=measured['lag_seconds']))}"
    reconciled = session.get(StripeCursor, gauges.RECONCILED)
    yield "last reconcile", _ago(now, reconciled.updated_at if reconciled else None)
    yield "drift", f"{measured['drift']:.0f} at the last reconcile"
    orphans = measured["orphaned_subscriptions"]
    yield "orphaned subscriptions", _orphans(session, orphans) if orphans else "0"
    yield "orphaned customers", _count(measured["orphaned_customers"])
    given_up = select(StripeSync.object_id).where(TROUBLED).order_by(StripeSync.object_id)
    yield "cannot be followed", ", ".join(session.scalars(given_up.limit(MOST_IDS))) or "0"
    yield "asked for again and again", restless(session) or "0"
    dead = select(func.count()).where(Job.state == DEAD, Job.kind.startswith("stripe."))
    yield "failed for good", f"{session.scalar(dead)} jobs"
    turn = session.get(StripeThrottle, throttle.CALLS)
    queued = max(turn.free_at - now, timedelta()) if turn else timedelta()
    yield "pace", f"{throttle.CALLS_PER_SECOND} calls a second, the next in {queued.total_seconds():.1f} s"


def polled_at(session: Session) -> datetime | None:
    """When Stripe's list of events was last read to its end."""
    place = session.get(StripeCursor, poll.CURSOR)
    return place.updated_at if place else None


def restless(session: Session) -> str:
    """Ids of objects that are fetched again and again; empty where none is."""
    return ", ".join(sorted(session.scalars(sync.restless(MOST_IDS))))


def _keys(settings: Settings) -> str:
    if settings.stripe_mode == "simulator":
        return "of the simulator"
    reading = "one that only reads" if settings.stripe_read_key else "no other, STRIPE_READ_KEY is not set"
    return f"one that writes; for reading, {reading}"


def _last(session: Session, source: str) -> datetime | None:
    """When the last event of a source came, as far as the latest few thousand tell."""
    latest = select(StripeEvent.source, StripeEvent.received_at).order_by(StripeEvent.received_at.desc())
    recent = latest.limit(gauges.MOST_COUNTED).subquery()
    found: datetime | None = session.scalar(select(func.max(recent.c.received_at)).where(recent.c.source == source))
    return found


def _orphans(session: Session, number: float) -> str:
    running = Subscription.account_id.is_(None), Subscription.deleted.is_(False), Subscription.status.not_in(FINAL)
    named = session.scalars(select(Subscription.customer_id).where(*running).distinct().limit(MOST_IDS)).all()
    return f"{_count(number)}: customers {', '.join(sorted(named))}{' ...' if number > len(named) else ''}"


def _count(number: float) -> str:
    return f"{number:.0f}{' or more' if number >= gauges.MOST_COUNTED else ''}"


def _ago(now: datetime, moment: datetime | None) -> str:
    return f"{_span(now - moment)} ago" if moment else "never"


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=int(span.total_seconds())))
