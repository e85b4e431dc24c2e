"""How far a subscription is paid, by its invoices at Stripe.

Stripe calls a subscription active or past due by its latest invoice, whatever that is for. What counts here is the
invoice of the present period, and whether money ever arrived: the invoice of a change of plan begins no period, and
one for nothing pays for none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from app.gateway.client import LONGEST_SLICE, NotPermitted, Object, Stripe
from app.gateway.values import moment, reference

log = structlog.get_logger()
# closed, and nobody paid; Stripe may call the subscription active again all the same
WRITTEN_OFF = ("void", "uncollectible")
# what becomes of it is to be seen
UNSETTLED = ("draft", "open")
# for what happened within a period, as far as an invoice does not say for which time its lines are
WITHIN_PERIOD = ("subscription_update", "subscription_threshold", "manual")
# those of which one that is paid says all there is to know
OF_PERIOD = ("subscription_create", "subscription_cycle")
# of a subscription: not even its first invoice was paid
NEVER_PAID = ("incomplete", "incomplete_expired")
# of a subscription: a payment failed, or waits for the payer's bank
OWING = ("past_due", "unpaid", "incomplete")


@dataclass(frozen=True)
class Dues:
    """How far a subscription is paid, by its invoices.

    `paid_invoice` is the one whose money came last, `paid_amount` how much of it, in minor units. `open_invoice` is
    that of the present period as long as it is neither paid nor closed; `written_off`: it was closed, and the period is
    nobody's. `failed_at`: since when a payment has failed or a bill has been due, of a subscription that is past due.
    `owed_invoice`: the latest one, where somebody has to do something for it to be paid. `awaited`: the first money of
    all is still on its way, as with a debit that takes days, though Stripe may call the subscription active meanwhile.
    """

    paid_invoice: str | None = None
    paid_amount: int | None = None
    open_invoice: str | None = None
    failed_at: datetime | None = None
    written_off: bool = False
    owed_invoice: str | None = None
    awaited: bool = False


def dues(stripe: Stripe, subscription: Object) -> Dues:
    """How far a subscription is paid. Asks on where its latest invoice does not say it all. Raises StripeUnavailable.

    It was asked for with its latest invoice, which otherwise is asked for, too.
    """
    status, latest = subscription["status"], _latest(stripe, subscription)
    is_enough = latest is not None and (status in NEVER_PAID or _says_it_all(latest))
    found = [latest] if latest and is_enough else _all(stripe, subscription["id"])
    own = _of_present_period(subscription, found)
    paid = max((each for each in found if _brought_money(each, subscription)), key=_paid_at, default=None)
    unsettled = own if own and own["status"] in UNSETTLED else None
    # who pays by bill has been given time for it
    is_debited = unsettled and unsettled["amount_due"] > 0 and unsettled.get("collection_method") != "send_invoice"
    return Dues(
        paid_invoice=paid["id"] if paid else None,
        paid_amount=paid["amount_paid"] if paid else None,
        open_invoice=unsettled["id"] if unsettled else None,
        failed_at=_failed_at(stripe, own, found) if status == "past_due" else None,
        written_off=own is not None and own["status"] in WRITTEN_OFF,
        owed_invoice=latest["id"] if latest and latest["status"] == "open" and status in OWING else None,
        awaited=status == "active" and bool(is_debited) and paid is None,
    )


def _latest(stripe: Stripe, subscription: Object) -> Object | None:
    """Expanded by whoever does what was asked, and otherwise only named."""
    latest: Any = subscription.get("latest_invoice")
    return stripe.find(lambda v1: v1.invoices.retrieve(latest)) if isinstance(latest, str) else latest


def _all(stripe: Stripe, subscription_id: str) -> list[Object]:
    """The newest first."""
    query = {"subscription": subscription_id, "limit": LONGEST_SLICE}
    return list(stripe.walk(lambda v1: v1.invoices.list(query)))


def _says_it_all(invoice: Object) -> bool:
    return invoice["status"] == "paid" and invoice.get("billing_reason") in OF_PERIOD and _has_money(invoice)


def _has_money(invoice: Object) -> bool:
    """Paid through Stripe or past it; credit that was left of something else is no money."""
    return bool(invoice.get("amount_paid") or invoice.get("amount_paid_off_stripe"))


def _brought_money(invoice: Object, subscription: Object) -> bool:
    """One for nothing is a payment only where nothing is the price."""
    return invoice["status"] == "paid" and (_has_money(invoice) or _is_for_nothing(subscription))


def _paid_at(invoice: Object) -> int:
    """A debit arrives days after its invoice was made, and so may the money of a later one before it."""
    return int((invoice.get("status_transitions") or {}).get("paid_at") or invoice["created"])


def _is_for_nothing(subscription: Object) -> bool:
    sold = [item.get("price") or item.get("plan") or {} for item in subscription["items"]["data"]]
    return bool(sold) and all(price.get("unit_amount", price.get("amount")) == 0 for price in sold)


def _of_present_period(subscription: Object, invoices: Sequence[Object]) -> Object | None:
    """The first that was made for the period that began last; where none says so, the last that is for any period."""
    items = subscription["items"]["data"]
    starts = [item.get("current_period_start") or subscription.get("current_period_start") or 0 for item in items]
    standing = [each for each in invoices if not (each["status"] == "void" and each.get("latest_revision"))]
    own = [each for each in standing if _begins_period(each, max(starts, default=0))]
    if own:
        return own[-1]
    return next((each for each in standing if each.get("billing_reason") not in WITHIN_PERIOD), None)


def _begins_period(invoice: Object, start: int) -> bool:
    lines = (invoice.get("lines") or {}).get("data") or []
    return any(_is_of_period(line) and (line.get("period") or {}).get("start") == start for line in lines)


def _is_of_period(line: Object) -> bool:
    """Not for a part of one, as after a change of plan, nor for anything beside the subscription."""
    details = (line.get("parent") or {}).get("subscription_item_details")
    if details is not None:
        return not details.get("proration")
    # until 2025
    return line.get("type") == "subscription" and not line.get("proration")


def _failed_at(stripe: Stripe, own: Object | None, invoices: Sequence[Object]) -> datetime | None:
    """Since when the present period's invoice has failed or been due; where that is paid, any other that is open."""
    unpaid = [each for each in invoices if each["status"] == "open"]
    if not unpaid:
        return None
    failing = own if own is not None and own["status"] == "open" else unpaid[0]
    if failing.get("collection_method") == "send_invoice" and failing.get("due_date"):
        return moment(failing["due_date"])
    finalised = (failing.get("status_transitions") or {}).get("finalized_at") or failing["created"]
    try:
        return moment(min(_failures(stripe, failing), default=finalised))
    except NotPermitted:
        log.error("stripe does not let us read a list", list="invoice_payments or charges")
        return moment(finalised)


def _failures(stripe: Stripe, invoice: Object) -> Iterator[int]:
    """When each attempt to collect an invoice failed: that of a debit fails when its bank sends it back."""
    for intent in _intents(stripe, invoice):
        for charge in _attempts(stripe, intent):
            if charge["status"] == "failed":
                returned = charge.get("failure_balance_transaction")
                yield returned["created"] if isinstance(returned, dict) else charge["created"]


def _attempts(stripe: Stripe, intent: str) -> list[Object]:
    """The charges of a payment. A key that may not read balances does not hear when a debit came back."""
    query: Object = {"payment_intent": intent, "limit": LONGEST_SLICE}
    whole = query | {"expand": ["data.failure_balance_transaction"]}
    try:
        return list(stripe.walk(lambda v1: v1.charges.list(whole)))
    except NotPermitted:
        return list(stripe.walk(lambda v1: v1.charges.list(query)))


def _intents(stripe: Stripe, invoice: Object) -> Iterable[str]:
    """By what an invoice is to be paid; named in a list of its own since 2025."""
    if invoice.get("payment_intent"):
        return filter(None, [reference(invoice["payment_intent"])])
    query = {"invoice": invoice["id"], "limit": LONGEST_SLICE}
    payments = stripe.walk(lambda v1: v1.invoice_payments.list(query))
    return [intent for each in payments if (intent := reference(each["payment"].get("payment_intent")))]
