"""Money that went back: refunds and disputes, as Stripe lists them."""

from dataclasses import dataclass
from datetime import datetime

from app.gateway.client import Object, Stripe
from app.gateway.values import reference


@dataclass(frozen=True)
class Reversal:
    """A refund or a dispute of a charge; `amount` is in minor units, `status` Stripe's word."""

    id: str
    charge: str
    amount: int
    status: str


def refunds(stripe: Stripe, since: datetime, after: str | None) -> tuple[list[Reversal], str | None]:
    """A hundred refunds made since then, the newest first, and the id to go on after: None after the last slice."""
    return _slice_after(stripe, "refunds", since, after)


def disputes(stripe: Stripe, since: datetime, after: str | None) -> tuple[list[Reversal], str | None]:
    """A hundred disputes opened since then, as `refunds`."""
    return _slice_after(stripe, "disputes", since, after)


def _slice_after(
    stripe: Stripe, collection: str, since: datetime, after: str | None
) -> tuple[list[Reversal], str | None]:
    wanted: Object = {"created": {"gte": int(since.timestamp())}}
    entries, following = stripe.slice_after(lambda v1, query: getattr(v1, collection).list(query), wanted, after)
    return [_reversal(entry) for entry in entries], following


def _reversal(entry: Object) -> Reversal:
    return Reversal(
        id=str(entry["id"]),
        charge=reference(entry.get("charge")) or "",
        amount=int(entry["amount"]),
        status=str(entry.get("status") or ""),
    )
