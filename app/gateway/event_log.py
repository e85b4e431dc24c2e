"""Stripe's own list of the events of the last 30 days, for those that no webhook brought.

All types are listed, not the twenty that one call may name: we follow more than that, and two walks would each need a
place of their own in the list, while what is passed over costs one call for a hundred events.
"""

from collections.abc import Iterator
from datetime import datetime

from app.gateway.client import LONGEST_SLICE, Object, Stripe, StripeRefused


class ForgottenEvent(LookupError):
    """Stripe does not know the event to go on from: it keeps them for 30 days."""


def after(stripe: Stripe, event_id: str) -> Iterator[Object]:
    """What was told after an event, the oldest first. Raises ForgottenEvent and StripeUnavailable on the way."""
    try:
        yield from stripe.walk(lambda v1: v1.events.list({"ending_before": event_id, "limit": LONGEST_SLICE}))
    except StripeRefused as error:
        if error.reason == "resource_missing":
            raise ForgottenEvent from error
        raise


def since(stripe: Stripe, moment: datetime) -> Iterator[Object]:
    """What was told from `moment` on, the newest first. Raises StripeUnavailable on the way."""
    from_then_on = {"created": {"gte": int(moment.timestamp())}, "limit": LONGEST_SLICE}
    yield from stripe.walk(lambda v1: v1.events.list(from_then_on))
