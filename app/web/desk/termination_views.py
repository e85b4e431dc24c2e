"""A reader's subscriptions and what was proposed about them, as programs of moderators read it."""

from datetime import datetime

import msgspec

from app import ids
from app.models import Subscription
from app.terminations.proposals import Overview, Proposal


class SubscriptionView(msgspec.Struct):
    """A subscription at Stripe; `status` is Stripe's word."""

    id: str
    status: str
    period_end: datetime | None
    cancel_at: datetime | None


class TerminationView(msgspec.Struct):
    """The end of a subscription as it was proposed. `item_id`: where it is decided. `state`: proposed, approved,
    refused, withdrawn, done or failed. `begins_at`: unless the approval is undone before. `amount`: what goes back, in
    minor units. `failure`: why Stripe would not.
    """

    id: str
    item_id: str | None
    subscription: str
    method: str
    state: str
    reason: str
    proposed_by: str
    judged_by: str | None
    created_at: datetime
    begins_at: datetime | None
    done_at: datetime | None
    amount: int | None
    currency: str | None
    failure: str | None


class Terminations(msgspec.Struct):
    """What was proposed, and the subscriptions that are not over: none where the reader is not banned for good, since
    there is nothing to propose.
    """

    subscriptions: list[SubscriptionView]
    terminations: list[TerminationView]


def overview(found: Overview) -> Terminations:
    """All that concerns one reader."""
    return Terminations([_subscription(each) for each in found.subscriptions], [one(each) for each in found.history])


def one(each: Proposal) -> TerminationView:
    """One proposal and what became of it."""
    row = each.row
    return TerminationView(
        id=str(row.id),
        item_id=ids.text(each.item_id),
        subscription=row.subscription_id,
        method=row.method,
        state=row.state,
        reason=row.reason,
        proposed_by=str(row.proposed_by),
        judged_by=ids.text(row.judged_by),
        created_at=row.created_at,
        begins_at=each.begins_at,
        done_at=row.done_at,
        amount=row.amount,
        currency=row.currency,
        failure=row.failure,
    )


def _subscription(each: Subscription) -> SubscriptionView:
    return SubscriptionView(each.id, each.status, each.period_end, each.cancel_at)
