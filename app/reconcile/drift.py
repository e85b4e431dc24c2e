"""Where our facts and Stripe's differ: pure comparisons, field by field."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.billing import columns_from_stripe
from app.gateway.refunds import FAILED
from app.gateway.reversals import Reversal
from app.gateway.snapshot import SubscriptionSnapshot
from app.models import Charge, Subscription

# the fields of a subscription that every renewal changes
OF_RENEWALS = frozenset({"period_end", "periods", "latest_invoice"})


@dataclass(frozen=True)
class Difference:
    """One field, ours and Stripe's; None where there is nothing."""

    field: str
    ours: Any
    stripes: Any


@dataclass(frozen=True)
class Drift:
    """An object (type and id as at Stripe) of which we have something else than Stripe has."""

    object_type: str
    object_id: str
    differences: tuple[Difference, ...]

    @property
    def is_renewal(self) -> bool:
        """Whether all that differs is that a subscription runs longer, by another invoice."""
        later = any(each.field == "period_end" and each.ours and each.ours < each.stripes for each in self.differences)
        return later and {each.field for each in self.differences} <= OF_RENEWALS


def of_subscription(
    row: Subscription | None, snapshot: SubscriptionSnapshot, granting: Collection[str], owner: int | None
) -> tuple[Difference, ...]:
    """The fields in which our row and Stripe's subscription differ; only the status where we have no row.

    `granting` are the products and prices that let their subscribers write. `owner`: the account that the subscription
    belongs to, as far as is known; an orphan of ours should have it.
    """
    if row is None:
        return (Difference("status", None, snapshot.status),)
    differences = [
        Difference(field, ours, stripes)
        for field, (ours, stripes) in columns_from_stripe.differing(row, snapshot, granting).items()
    ]
    if row.account_id is None and owner is not None:
        differences.append(Difference("account_id", None, owner))
    return tuple(differences)


def of_refunds(rows: Mapping[str, Charge], refunds: Iterable[Reversal]) -> dict[str, tuple[Difference, ...]]:
    """What differs, in minor units, by the charge's id. Not all refunds of a charge need be among `refunds`, so what
    they add up to is the least it can be.

    One that gave nothing back may be counted in our row still, where that has more than this.
    """
    back: dict[str, int] = {}
    undone = set()
    for refund in refunds:
        if refund.status in FAILED:
            undone.add(refund.charge)
        back[refund.charge] = back.get(refund.charge, 0) + (0 if refund.status in FAILED else refund.amount)
    ours = {charge: rows[charge].amount_refunded if charge in rows else None for charge in back}
    return {
        charge: (Difference("amount_refunded", ours[charge], amount),)
        for charge, amount in back.items()
        if amount > (ours[charge] or 0) or (charge in undone and amount < (ours[charge] or 0))
    }


def of_disputes(rows: Mapping[str, Charge], disputes: Iterable[Reversal]) -> dict[str, tuple[Difference, ...]]:
    """What differs, in Stripe's words, by the charge's id; of several disputes of one charge, ours may be any."""
    statuses: dict[str, list[str]] = {}
    for dispute in disputes:
        statuses.setdefault(dispute.charge, []).append(dispute.status)
    return {
        charge: (Difference("dispute_status", rows[charge].dispute_status if charge in rows else None, known[0]),)
        for charge, known in statuses.items()
        if charge not in rows or rows[charge].dispute_status not in known
    }
