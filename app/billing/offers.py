"""What a reader can subscribe to, told before they go to pay: the product, its price, the period and what is in it."""

import time
from dataclasses import dataclass

import structlog

from app.billing import money
from app.gateway import prices
from app.gateway.client import StripeUnavailable, WrongMode
from app.gateway.prices import Period, Price
from app.gateway.values import MalformedObject
from app.installation import Installation
from app.language import _, form, mark

KEPT_SECONDS = 600.0
PRICED = {
    "day": mark("%(money)s a day"),
    "week": mark("%(money)s a week"),
    "month": mark("%(money)s a month"),
    "year": mark("%(money)s a year"),
}
log = structlog.get_logger()
_kept: dict[tuple[str, str], tuple[float, Price]] = {}


@dataclass(frozen=True)
class Offer:
    """A subscription in words of the language in force. `costs` is empty where only Stripe's page can say it."""

    product: str
    description: str
    features: tuple[str, ...]
    costs: str


def current(it: Installation) -> Offer | None:
    """What is sold now, at most KEPT_SECONDS old; None where nothing is, or Stripe cannot tell and has not yet.

    Never to be asked with a transaction open.
    """
    found = _price(it)
    return in_words(found) if found is not None else None


def in_words(found: Price) -> Offer:
    """A price as its reader is told it."""
    costs = "" if found.amount is None else _costs(found, money.text(found.amount, found.currency))
    return Offer(found.product, found.description or "", found.features, costs)


def _costs(found: Price, amount: str) -> str:
    if found.count == 1:
        return _(PRICED[found.period], money=amount)
    return _every(found.period, found.count) % {"money": amount, "count": found.count}


def _every(period: Period, count: int) -> str:
    match period:
        case "day":
            return form("%(money)s every %(count)s day", "%(money)s every %(count)s days", count)
        case "week":
            return form("%(money)s every %(count)s week", "%(money)s every %(count)s weeks", count)
        case "month":
            return form("%(money)s every %(count)s month", "%(money)s every %(count)s months", count)
        case "year":
            return form("%(money)s every %(count)s year", "%(money)s every %(count)s years", count)


def _price(it: Installation) -> Price | None:
    identifier = it.settings.stripe_price
    if not identifier:
        return None
    key = it.settings.stripe_api_base, identifier
    at, kept = _kept.get(key, (0.0, None))
    if kept is not None and time.monotonic() - at < KEPT_SECONDS:
        return kept
    try:
        found = prices.retrieve(it.stripe, identifier)
    except (StripeUnavailable, MalformedObject, WrongMode) as error:
        log.warning("offer unknown", error=type(error).__name__)
        return kept
    if found is not None:
        _kept[key] = time.monotonic(), found
    return found
