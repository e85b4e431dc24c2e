"""Subscriptions, read and ended at Stripe."""

from datetime import datetime

from app.gateway.client import LONGEST_SLICE, Object, Stripe


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The subscription as it is now, with all items and its latest invoice; None where Stripe has none of that id."""
    found = stripe.find(lambda v1: v1.subscriptions.retrieve(identifier, {"expand": ["latest_invoice"]}))
    if found is not None and (found.get("items") or {}).get("has_more"):
        query = {"subscription": identifier, "limit": LONGEST_SLICE}
        found["items"] = {"data": list(stripe.walk(lambda v1: v1.subscription_items.list(query))), "has_more": False}
    return found


def slice_after(
    stripe: Stripe, after: str | None, *, customer: str | None = None, since: datetime | None = None
) -> tuple[list[Object], str | None]:
    """A hundred subscriptions of any status, the newest first, and the id to go on after: None after the last slice.

    Only those of `customer`, and only those begun `since`, where given. Raises StripeRefused where Stripe no longer has
    the subscription `after`.
    """
    wanted: Object = {"status": "all"}
    if customer:
        wanted["customer"] = customer
    if since:
        wanted["created"] = {"gte": int(since.timestamp())}
    return stripe.slice_after(lambda v1, query: v1.subscriptions.list(query), wanted, after)


def let_run_out(stripe: Stripe, identifier: str) -> Object:
    """Its reader wants it to end with the period that is paid; the subscription as it is then.

    Raises StripeRefused and StripeUnavailable.
    """
    return stripe.change(lambda v1: v1.subscriptions.update(identifier, {"cancel_at_period_end": True}))


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
