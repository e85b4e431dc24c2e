"""Subscriptions and their invoices, read and ended at Stripe."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.gateway.client import LONGEST_SLICE, Object, Stripe
from app.gateway.values import moment

# an invoice that is closed and that nobody paid; Stripe may call the subscription active again all the same
WRITTEN_OFF = ("void", "uncollectible")
# invoices among which the last that somebody paid for is looked for
RECENT_INVOICES = 10
# of a subscription: not even its first invoice was paid
NEVER_PAID = ("incomplete", "incomplete_expired")
# of a subscription: a payment failed, or waits for the payer's bank
OWING = ("past_due", "unpaid", "incomplete")


@dataclass(frozen=True)
class Dues:
    """How far a subscription is paid, by its invoices.

    `paid_invoice` is the latest that was paid, `first_unpaid_at` since when the oldest open one has been due.
    `written_off`: the latest one is closed and unpaid, so that the present period is nobody's. `owed_invoice`: the
    latest one, where somebody has to do something for it to be paid. `awaited`: the first money of all is still on its
    way, as with a debit that takes days, though Stripe may call the subscription active meanwhile.
    """

    paid_invoice: str | None = None
    first_unpaid_at: datetime | None = None
    written_off: bool = False
    owed_invoice: str | None = None
    awaited: bool = False


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The subscription as it is now, with all items and its latest invoice; None where Stripe has none of that id."""
    found = stripe.find(lambda v1: v1.subscriptions.retrieve(identifier, {"expand": ["latest_invoice"]}))
    if found is not None and (found.get("items") or {}).get("has_more"):
        query = {"subscription": identifier, "limit": LONGEST_SLICE}
        found["items"] = {"data": list(stripe.walk(lambda v1: v1.subscription_items.list(query))), "has_more": False}
    return found


def dues(stripe: Stripe, raw: Object) -> Dues:
    """How far a subscription, as `retrieve` gave it, is paid. Asks on where its latest invoice does not say it all."""
    latest = _latest_invoice(stripe, raw)
    status = latest.get("status") if latest else None
    paid = latest["id"] if latest and status == "paid" and _counts(latest) else _newest_paid(stripe, raw)
    # who pays by bill has been given time for it
    debited = raw.get("collection_method") != "send_invoice"
    return Dues(
        paid_invoice=paid,
        first_unpaid_at=first_unpaid_at(stripe, raw["id"]) if raw["status"] == "past_due" else None,
        written_off=status in WRITTEN_OFF,
        owed_invoice=latest["id"] if latest and status == "open" and raw["status"] in OWING else None,
        awaited=status == "open" and paid is None and debited and raw["status"] == "active",
    )


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


def first_unpaid_at(stripe: Stripe, subscription_id: str) -> datetime | None:
    """Since when the oldest open invoice of the subscription has been due; None where none is open."""
    query = {"subscription": subscription_id, "status": "open", "limit": LONGEST_SLICE}
    due = [
        (invoice.get("status_transitions") or {}).get("finalized_at") or invoice["created"]
        for invoice in stripe.walk(lambda v1: v1.invoices.list(query))
    ]
    return moment(min(due)) if due else None


def _latest_invoice(stripe: Stripe, raw: Object) -> Object | None:
    """Expanded by whoever does what was asked, and otherwise only named."""
    latest: Any = raw.get("latest_invoice")
    return stripe.find(lambda v1: v1.invoices.retrieve(latest)) if isinstance(latest, str) else latest


def _newest_paid(stripe: Stripe, raw: Object) -> str | None:
    if raw["status"] in NEVER_PAID:
        return None
    query = {"subscription": raw["id"], "status": "paid", "limit": RECENT_INVOICES}
    found, _more = stripe.slice(lambda v1: v1.invoices.list(query))
    return next((invoice["id"] for invoice in found if _counts(invoice)), None)


def _counts(invoice: Object) -> bool:
    """A change of plan for which nothing had to be paid is paid all the same, and begins no period."""
    return invoice.get("billing_reason") != "subscription_update" or bool(invoice.get("amount_paid"))


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
