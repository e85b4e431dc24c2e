"""Subscribers with a past, for a demonstration that does not begin on its first day. No webhook tells of it."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from app import clock
from app.simulator import lifecycle, shapes
from app.simulator.store import Object, Store
from config.settings import SIMULATED_PRICE

Outcome = Literal["active", "ending", "past_due", "lapsed", "trial"]
TRIAL = timedelta(days=7)


def tell(
    store: Store,
    account_id: int,
    email: str | None,
    outcome: Outcome,
    *,
    since: datetime,
    turned_at: datetime | None = None,
) -> Object:
    """The subscription of an account that subscribed at `since` and now stands at `outcome`.

    `turned_at` is when a payment failed (past_due) or the subscription ended (lapsed); default now.
    """
    now = clock.now()
    turned = turned_at or now
    begun = turned - timedelta(days=30) if outcome == "past_due" else _present_period(since, turned)
    with store.transaction():
        with clock.pretend(begun):
            subscription = _begin(store, account_id, email)
        subscription["created"] = subscription["start_date"] = int(since.timestamp())
        with clock.pretend(turned):
            _turn(store, subscription, outcome)
        store.rows("DELETE FROM deliveries")
    return subscription


def first_unpaid_at(store: Store, subscription: Object) -> datetime | None:
    """Since when the oldest open invoice has been due."""
    due = [invoice["created"] for invoice in lifecycle.open_invoices(store, subscription)]
    return datetime.fromtimestamp(min(due), UTC) if due else None


def _present_period(since: datetime, until: datetime) -> datetime:
    """The beginning of the monthly period that `until` falls into."""
    start, end = int(since.timestamp()), int(until.timestamp())
    while shapes.next_month(start) <= end:
        start = shapes.next_month(start)
    return datetime.fromtimestamp(start, UTC)


def _begin(store: Store, account_id: int, email: str | None) -> Object:
    metadata = {"account_id": str(account_id)}
    customer = store.save("customer", shapes.customer(email, None, metadata))
    return lifecycle.create_subscription(store, customer["id"], SIMULATED_PRICE, metadata)


def _turn(store: Store, subscription: Object, outcome: Outcome) -> None:
    match outcome:
        case "active":
            store.save("subscription", subscription)
        case "ending":
            lifecycle.schedule_end(store, subscription, by_time=True)
        case "past_due":
            (item,) = subscription["items"]["data"]
            item["current_period_end"] = int(clock.now().timestamp())
            lifecycle.advance(store, subscription, payment="fails")
        case "lapsed":
            lifecycle.cancel(store, subscription, reason="payment_failed")
        case "trial":
            trial_end = int((clock.now() + TRIAL).timestamp())
            subscription |= {"status": "trialing", "trial_end": trial_end}
            store.save("subscription", subscription)
