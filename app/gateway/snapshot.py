"""A subscription as Stripe describes it, in any of the shapes it has had, in our own words.

Stripe has moved the period from the subscription to its items, replaced plan by price, and schedules an end
either with `cancel_at` or with `cancel_at_period_end`. That history ends here: nothing past this file reads
the JSON of a subscription.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.gateway.values import UNREADABLE, MalformedObject, optional_moment, optional_text, reference, text


@dataclass(frozen=True)
class SubscriptionItem:
    """One thing that is subscribed to; ids are Stripe's."""

    product: str | None
    price: str | None
    period_end: datetime | None


@dataclass(frozen=True)
class SubscriptionSnapshot:
    """One subscription at one moment; times are in UTC, `status` is Stripe's word, known to us or not."""

    id: str
    customer: str | None
    account_reference: str | None
    status: str
    livemode: bool
    started_at: datetime | None
    items: tuple[SubscriptionItem, ...]
    cancel_at: datetime | None
    ended_at: datetime | None
    trial_end: datetime | None
    pause_behavior: str | None
    latest_invoice: str | None
    # when its end was asked for
    cancelled_at: datetime | None = None

    @property
    def products(self) -> set[str]:
        """Ids of all products that are subscribed to."""
        return {item.product for item in self.items if item.product}

    def granting_items(self, allowlist: Iterable[str]) -> tuple[SubscriptionItem, ...]:
        """The items whose product or price is named in `allowlist`."""
        names = set(allowlist)
        return tuple(item for item in self.items if item.product in names or item.price in names)


def normalise_subscription(raw: Mapping[str, Any]) -> SubscriptionSnapshot:
    """Read a subscription of any API version from 2017 on. Raises MalformedObject."""
    try:
        return _normalise(raw)
    except UNREADABLE as error:
        raise MalformedObject(f"not a subscription: {type(error).__name__}") from error


def latest_period_end(items: Iterable[SubscriptionItem]) -> datetime | None:
    """Until when the item that lasts longest is paid for; None where none says."""
    return max((item.period_end for item in items if item.period_end), default=None)


def _normalise(raw: Mapping[str, Any]) -> SubscriptionSnapshot:
    listing = raw.get("items") or {}
    items = tuple(_item(entry, raw) for entry in listing.get("data") or [])
    if not items and (raw.get("plan") or raw.get("price")):
        items = (_item(raw, raw),)
    return SubscriptionSnapshot(
        id=text(raw["id"]),
        customer=reference(raw.get("customer")) or reference(raw.get("customer_account")),
        account_reference=optional_text((raw.get("metadata") or {}).get("account_id") or None),
        status=text(raw["status"]),
        livemode=bool(raw["livemode"]),
        started_at=optional_moment(raw.get("start_date") or raw.get("start") or raw.get("created")),
        items=items,
        cancel_at=_scheduled_end(raw, items),
        ended_at=optional_moment(raw.get("ended_at")),
        trial_end=optional_moment(raw.get("trial_end")),
        pause_behavior=optional_text((raw.get("pause_collection") or {}).get("behavior")),
        latest_invoice=reference(raw.get("latest_invoice")),
        cancelled_at=optional_moment(raw.get("canceled_at")),
    )


def _item(entry: Mapping[str, Any], subscription: Mapping[str, Any]) -> SubscriptionItem:
    price = entry.get("price") or entry.get("plan") or {}
    if isinstance(price, str):
        price = {"id": price}
    return SubscriptionItem(
        product=reference(price.get("product")),
        price=optional_text(price.get("id")),
        period_end=optional_moment(entry.get("current_period_end") or subscription.get("current_period_end")),
    )


def _scheduled_end(raw: Mapping[str, Any], items: tuple[SubscriptionItem, ...]) -> datetime | None:
    """The Portal sets `cancel_at` and leaves `cancel_at_period_end` false where billing is flexible."""
    explicit = optional_moment(raw.get("cancel_at"))
    if explicit or not raw.get("cancel_at_period_end"):
        return explicit
    return latest_period_end(items)
