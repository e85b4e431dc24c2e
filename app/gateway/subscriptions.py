"""Subscriptions and their invoices, read at Stripe."""

from datetime import UTC, datetime

from app.gateway.client import LONGEST_PAGE, Object, Stripe


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The subscription as it is now; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.subscriptions.retrieve(identifier))


def page(stripe: Stripe, after: str | None) -> tuple[list[Object], str | None]:
    """A hundred subscriptions of any status, the newest first, and where the next page begins: None after the last.

    Raises StripeRefused where Stripe no longer has the subscription `after`.
    """
    wanted: Object = {"limit": LONGEST_PAGE, "status": "all"} | ({"starting_after": after} if after else {})
    found, more = stripe.page(lambda v1: v1.subscriptions.list(wanted))
    return found, found[-1]["id"] if more else None


def first_unpaid_at(stripe: Stripe, subscription_id: str) -> datetime | None:
    """Since when the oldest open invoice of the subscription has been due; None where none is open."""
    query = {"subscription": subscription_id, "status": "open", "limit": 100}
    due = [
        (invoice.get("status_transitions") or {}).get("finalized_at") or invoice["created"]
        for invoice in stripe.walk(lambda v1: v1.invoices.list(query))
    ]
    return datetime.fromtimestamp(min(due), UTC) if due else None


def end_with_period(stripe: Stripe, identifier: str, case: str) -> Object:
    """Let the subscription run out with the period that is paid; the subscription as it is then.

    `case` is all that Stripe is told of why. Raises StripeRefused and StripeUnavailable.
    """
    wanted = {"cancel_at_period_end": True, "cancellation_details": {"comment": f"case {case}"}}
    options = {"idempotency_key": f"case:{case}:end:1"}
    return stripe.change(lambda v1: v1.subscriptions.update(identifier, wanted, options))


def end_now(stripe: Stripe, identifier: str, case: str) -> Object:
    """End the subscription at once, without credit: what goes back is refunded. As `end_with_period`."""
    wanted = {"prorate": False, "invoice_now": False, "cancellation_details": {"comment": f"case {case}"}}
    options = {"idempotency_key": f"case:{case}:cancel:1"}
    return stripe.change(lambda v1: v1.subscriptions.cancel(identifier, wanted, options))
