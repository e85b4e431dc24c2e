"""How far a subscription is paid, by its invoices at Stripe.

Stripe calls a subscription active or past due by its latest invoice, whatever that is for. What counts here is the
invoice of the present period, and whether money ever arrived: the invoice of a change of plan begins no period, and
one for nothing pays for none. Where one item is by the month and another by the year, each has a period of its own, and
an invoice of its own for it: that of the one says nothing of the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from app import clock
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
    `unpaid`: where items have periods of their own, the prices of those that are not paid, with since when their
    payment has failed or their bill has been due, in seconds since 1970; None where nobody will pay any more.
    `payments`: where items have periods of their own, by price the `invoice` whose money came last for it, and the
    `amount` of that.
    `owed_invoice`: the latest one, where somebody has to do something for it to be paid. `awaited`: the first money of
    all is still on its way, as with a debit that takes days, though Stripe may call the subscription active meanwhile.
    """

    paid_invoice: str | None = None
    paid_amount: int | None = None
    open_invoice: str | None = None
    failed_at: datetime | None = None
    written_off: bool = False
    unpaid: Mapping[str, int | None] = field(default_factory=dict)
    payments: Mapping[str, Object] = field(default_factory=dict)
    owed_invoice: str | None = None
    awaited: bool = False


def dues(stripe: Stripe, subscription: Object) -> Dues:
    """How far a subscription is paid. Asks on where its latest invoice does not say it all. Raises StripeUnavailable.

    It was asked for with its latest invoice, which otherwise is asked for, too.
    """
    status, latest = subscription["status"], _latest(stripe, subscription)
    several = _has_several_periods(subscription)
    is_enough = latest is not None and (status in NEVER_PAID or (not several and _says_it_all(latest)))
    found = [latest] if latest and is_enough else _all(stripe, subscription["id"])
    by_price = _of_each_period(subscription, found) if several else {}
    own = list(by_price.values()) or list(filter(None, [_of_present_period(subscription, found)]))
    brought = [each for each in found if _brought_money(each, subscription)]
    paid = max(brought, key=_paid_at, default=None)
    unsettled = next((each for each in own if each["status"] in UNSETTLED), None)
    unpaid = _unpaid(stripe, by_price)
    # who pays by bill has been given time for it
    is_debited = unsettled and unsettled["amount_due"] > 0 and unsettled.get("collection_method") != "send_invoice"
    return Dues(
        paid_invoice=paid["id"] if paid else None,
        paid_amount=paid["amount_paid"] if paid else None,
        open_invoice=unsettled["id"] if unsettled else None,
        failed_at=_failed_at(stripe, unpaid, [*own, *found]) if status == "past_due" else None,
        written_off=any(each["status"] in WRITTEN_OFF for each in own),
        unpaid=unpaid,
        payments=_payments(subscription, brought) if several else {},
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
    standing = _standing(invoices)
    own = [each for each in standing if _begins_period(each, max(starts, default=0))]
    if own:
        return own[-1]
    return next((each for each in standing if each.get("billing_reason") not in WITHIN_PERIOD), None)


def _standing(invoices: Iterable[Object]) -> list[Object]:
    """Without those in whose place another was made."""
    return [each for each in invoices if not (each["status"] == "void" and each.get("latest_revision"))]


def _has_several_periods(subscription: Object) -> bool:
    """Whether one item has another period than the next, as Stripe knows it since 2025."""
    return len({_period(item) for item in subscription["items"]["data"]}) > 1


def _period(item: Object) -> tuple[int | None, int | None]:
    return item.get("current_period_start"), item.get("current_period_end")


def _of_each_period(subscription: Object, invoices: Sequence[Object]) -> dict[str, Object]:
    """By price, the first invoice that was made for the present period of the item. One that came to the subscription
    within a period may have none, and was paid with a change of plan.
    """
    found: dict[str, Object] = {}
    for item in subscription["items"]["data"]:
        own = [each for each in _standing(invoices) if _begins_period(each, item["current_period_start"], item["id"])]
        if own:
            found[item["price"]["id"]] = own[-1]
    return found


def _payments(subscription: Object, brought: Sequence[Object]) -> dict[str, Object]:
    """As Dues has it: the latest that was for a period of the item. One that came to the subscription within a period
    may have none, and is judged by the change of plan that it was paid with.
    """
    payments: dict[str, Object] = {}
    for item in subscription["items"]["data"]:
        of_item = [each for each in brought if _lines_of(each, item["id"])]
        of_period = [each for each in of_item if any(map(_is_of_period, _lines_of(each, item["id"])))]
        latest = max(of_period or of_item, key=_paid_at, default=None)
        if latest:
            payments[item["price"]["id"]] = {"invoice": latest["id"], "amount": latest["amount_paid"]}
    return payments


def _begins_period(invoice: Object, start: int, item: str | None = None) -> bool:
    """Whether it is for a period that begins then, of whichever item or of one."""
    own = [line for line in _lines_of(invoice, item) if _is_of_period(line)]
    return any((line.get("period") or {}).get("start") == start for line in own)


def _lines_of(invoice: Object, item: str | None = None) -> list[Object]:
    """All, or those of one item."""
    lines = (invoice.get("lines") or {}).get("data") or []
    return [line for line in lines if item is None or _item_of(line) == item]


def _item_of(line: Object) -> Any:
    """Said since items have periods of their own; a line of something beside the subscription is of none."""
    return ((line.get("parent") or {}).get("subscription_item_details") or {}).get("subscription_item")


def _is_of_period(line: Object) -> bool:
    """Not for a part of one, as after a change of plan, nor for anything beside the subscription."""
    details = (line.get("parent") or {}).get("subscription_item_details")
    if details is not None:
        return not details.get("proration")
    # until 2025
    return line.get("type") == "subscription" and not line.get("proration")


def _failed_at(stripe: Stripe, unpaid: Mapping[str, int | None], invoices: Sequence[Object]) -> datetime | None:
    """Since when the payment of a period has failed or been due; where all are paid, of whatever else is open."""
    since = min(filter(None, unpaid.values()), default=None)
    failing = next((each for each in invoices if each["status"] == "open"), None)
    if since is None and failing is not None:
        since = _failing_since(failing, _charges(stripe, failing))
    return None if since is None else moment(since)


def _unpaid(stripe: Stripe, by_price: Mapping[str, Object]) -> dict[str, int | None]:
    """As Dues has it. What has not failed is a draft, a bill that is not due, or a debit that takes days."""
    unpaid: dict[str, int | None] = {}
    for price, invoice in by_price.items():
        if invoice["status"] in WRITTEN_OFF:
            unpaid[price] = None
        elif invoice["status"] == "open" and not _gives_time(invoice):
            charges = _charges(stripe, invoice)
            if {charge["status"] for charge in charges} != {"pending"}:
                unpaid[price] = _failing_since(invoice, charges)
    return unpaid


def _is_bill(invoice: Object) -> bool:
    return invoice.get("collection_method") == "send_invoice" and bool(invoice.get("due_date"))


def _gives_time(invoice: Object) -> bool:
    return _is_bill(invoice) and moment(invoice["due_date"]) > clock.now()


def _failing_since(invoice: Object, charges: Sequence[Object]) -> int:
    """Of an open invoice, given all that was tried to pay it with, in seconds since 1970."""
    if _is_bill(invoice):
        return int(invoice["due_date"])
    finalised = (invoice.get("status_transitions") or {}).get("finalized_at") or invoice["created"]
    return min((_failure(charge) for charge in charges if charge["status"] == "failed"), default=int(finalised))


def _failure(charge: Object) -> int:
    """When an attempt to collect failed: that of a debit fails when its bank sends it back."""
    returned = charge.get("failure_balance_transaction")
    return int(returned["created"] if isinstance(returned, dict) else charge["created"])


def _charges(stripe: Stripe, invoice: Object) -> list[Object]:
    """All that was tried to pay an invoice with; nothing, where we may not know."""
    try:
        return [charge for intent in _intents(stripe, invoice) for charge in _attempts(stripe, intent)]
    except NotPermitted:
        log.error("stripe does not let us read a list", list="invoice_payments or charges")
        return []


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
