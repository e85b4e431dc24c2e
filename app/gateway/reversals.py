"""Money that went back: refunds and disputes, as Stripe lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.gateway.client import LONGEST_PAGE, Object, Stripe


@dataclass(frozen=True)
class Reversal:
    """A refund or a dispute of a charge; `amount` is in minor units, `status` Stripe's word."""

    id: str
    charge: str
    amount: int
    status: str


def refunds(stripe: Stripe, since: datetime, after: str | None) -> tuple[list[Reversal], str | None]:
    """A hundred refunds made since then, the newest first, and where the next page begins: None after the last."""
    return _page(stripe, "refunds", since, after)


def disputes(stripe: Stripe, since: datetime, after: str | None) -> tuple[list[Reversal], str | None]:
    """A hundred disputes opened since then, as `refunds`."""
    return _page(stripe, "disputes", since, after)


def _page(stripe: Stripe, collection: str, since: datetime, after: str | None) -> tuple[list[Reversal], str | None]:
    query: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "limit": LONGEST_PAGE}
    if after:
        query["starting_after"] = after
    entries, more = stripe.page(lambda v1: getattr(v1, collection).list(query))
    return [_reversal(entry) for entry in entries], entries[-1]["id"] if more else None


def _reversal(entry: Object) -> Reversal:
    charge = entry.get("charge") or ""
    return Reversal(
        id=str(entry["id"]),
        charge=charge if isinstance(charge, str) else str(charge["id"]),
        amount=int(entry["amount"]),
        status=str(entry.get("status") or ""),
    )
