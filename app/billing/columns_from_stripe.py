"""The columns of our row of a subscription, from what Stripe says of it: the same for who writes and who compares."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.gateway.snapshot import SubscriptionSnapshot, latest_period_end
from app.models import Site, Subscription


def granting_names(session: Session) -> frozenset[str]:
    """The products and prices that let their subscribers write, at any site."""
    return frozenset(name for products in session.scalars(select(Site.products)) for name in products)


def of(snapshot: SubscriptionSnapshot, granting: Collection[str]) -> dict[str, Any]:
    """By column of models.subscription; `granting` are the products and prices whose period counts."""
    return {
        "customer_id": snapshot.customer or "",
        "status": snapshot.status,
        "products": sorted({name for item in snapshot.items for name in (item.product, item.price) if name}),
        "started_at": snapshot.started_at,
        "period_end": latest_period_end(snapshot.granting_items(granting) or snapshot.items),
        "cancel_at": snapshot.cancel_at,
        "ended_at": snapshot.ended_at,
        "trial_end": snapshot.trial_end,
        "periods": _periods(snapshot),
        "paused": snapshot.pause_behavior,
        "latest_invoice": snapshot.latest_invoice,
        "deleted": False,
    }


def differing(
    row: Subscription, snapshot: SubscriptionSnapshot, granting: Collection[str]
) -> dict[str, tuple[Any, Any]]:
    """By column of which our row has something else than Stripe: ours, and Stripe's."""
    pairs = {name: (getattr(row, name), value) for name, value in of(snapshot, granting).items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _periods(snapshot: SubscriptionSnapshot) -> dict[str, Any]:
    """By price, its product and when its period ends, in seconds since 1970; empty where there is only one."""
    if len(snapshot.items) < 2:
        return {}
    return {
        item.price: {"product": item.product, "end": int(item.period_end.timestamp())}
        for item in sorted(snapshot.items, key=lambda item: item.price or "")
        if item.price and item.period_end
    }
