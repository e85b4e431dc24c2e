"""What happens to a subscription, as one verb each. Every verb changes the objects and emits Stripe's events.

Call them inside `store.transaction()`. A subscription's own clock is moved on by moving its times back, so that its
period ends now: whoever reads the clock on the wall sees a period that is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.simulator import discounts, entitlements, invoices, lines, methods, payments, shapes
from app.simulator.store import Object, Store, now
from app.simulator.webhooks import emit

MOMENTS = (
    "billing_cycle_anchor",
    "cancel_at",
    "canceled_at",
    "created",
    "ended_at",
    "start_date",
    "trial_end",
    "trial_start",
)
OVER = {"canceled", "incomplete_expired"}
# of an attempt to collect: the money is here, or on its way
RUNNING = {"succeeded", "processing"}


@dataclass(frozen=True)
class SubscriptionOrder:
    """Who subscribes to what, by Stripe's ids; `method` is what it is paid with, None: whatever the customer has."""

    customer: str
    price: str
    metadata: dict[str, str]
    method: str | None = None
    further_prices: Sequence[str] = ()
    # a bill is sent that is due after so many days; None: it is collected
    days_until_due: int | None = None
    code: Object | None = None


def create_subscription(store: Store, order: SubscriptionOrder, *, present: bool = False, page: str = "") -> Object:
    """A new subscription: active where its first invoice could be paid, else incomplete.

    A customer without any payment method gets a card of their own. `present` and `page` are as in `payments.attempt`.
    """
    subscription = shapes.subscription(order.customer, store.get("price", order.price), order.metadata)
    subscription["default_payment_method"] = order.method
    if order.days_until_due is not None:
        subscription |= {"collection_method": "send_invoice", "days_until_due": order.days_until_due}
    if order.code is not None:
        discounts.give(store, subscription, order.code)
    _add_items(store, subscription, order.further_prices)
    invoice = invoices.draw_up(store, subscription, "subscription_create")
    status = _ask_for(store, subscription, invoice, present=present, page=page)
    subscription["status"] = "active" if status in RUNNING else "incomplete"
    store.save("subscription", subscription)
    _tell(store, "created", subscription)
    invoices.tell(store, invoice, status)
    return subscription


def begin_trial(store: Store, order: SubscriptionOrder, days: int) -> Object:
    """A new subscription that costs nothing yet."""
    subscription = shapes.subscription(order.customer, store.get("price", order.price), order.metadata, days)
    subscription["default_payment_method"] = order.method
    invoices.draw_up(store, subscription, "subscription_create", lines.of_period(subscription, free=True))
    store.save("subscription", subscription)
    _tell(store, "created", subscription)
    return subscription


def switch(store: Store, subscription: Object, item: Object, price: Object, *, invoiced: bool) -> None:
    """Another price for one of the items, within the period; the difference is invoiced at once, or not at all."""
    former, item["price"] = item["price"], price
    if invoiced:
        entries = lines.of_switch(subscription, item, former, now())
        invoice = invoices.draw_up(store, subscription, "subscription_update", entries)
        invoices.tell(store, invoice, _ask_for(store, subscription, invoice))
    changed(store, subscription)


def schedule_end(store: Store, subscription: Object, *, by_time: bool) -> None:
    """End with the paid period. The Portal sets the time, and leaves the older flag alone; the API sets the flag."""
    subscription["cancel_at"] = period_end(subscription)
    subscription["cancel_at_period_end"] = not by_time
    subscription["canceled_at"] = now()
    subscription["cancellation_details"]["reason"] = "cancellation_requested"
    changed(store, subscription)


def withdraw_end(store: Store, subscription: Object) -> None:
    subscription |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    subscription["cancellation_details"]["reason"] = None
    changed(store, subscription)


def cancel(store: Store, subscription: Object, reason: str = "cancellation_requested") -> None:
    """End now."""
    if subscription["status"] in OVER:
        return
    subscription |= {"status": "canceled", "ended_at": now(), "canceled_at": subscription["canceled_at"] or now()}
    subscription["cancellation_details"]["reason"] = reason
    store.save("subscription", subscription)
    _tell(store, "deleted", subscription)


def advance(store: Store, subscription: Object, *, seconds: int | None = None, payment: str = "succeeds") -> None:
    """Let `seconds` pass for this subscription alone, or as many as its period still has.

    Where that ends the period, it is cancelled if that was scheduled, and else renewed: the payment `succeeds` or
    `fails`.
    """
    left = period_end(subscription) - now()
    passed = left if seconds is None else seconds
    _move_back(store, subscription, passed)
    if subscription["status"] not in OVER and passed >= left:
        if subscription["cancel_at"] is None:
            _renew(store, subscription, payment)
        else:
            cancel(store, subscription)
            return
    changed(store, subscription)


def pay_open_invoices(store: Store, subscription: Object) -> None:
    """The payer put it right, in person: all that is open is paid and the subscription is active again."""
    for invoice in invoices.open_ones(store, subscription):
        pay(store, subscription, invoice)


def pay(store: Store, subscription: Object, invoice: Object) -> None:
    """One more attempt to collect, with the payer there to authenticate."""
    status = invoices.collect(store, subscription, invoice, present=True)
    invoices.tell(store, invoice, status)
    if status in RUNNING and subscription["status"] in {"past_due", "unpaid", "incomplete"}:
        subscription["status"] = "active"
        changed(store, subscription)


def settle_debit(store: Store, subscription: Object, *, arrives: bool) -> None:
    """The bank of a debit that is under way has paid, or sends it back."""
    for invoice in invoices.open_ones(store, subscription):
        if invoices.settle_debit(store, invoice, arrives=arrives) == "succeeded":
            continue
        subscription["status"] = "past_due"
        changed(store, subscription)


def fall_due(store: Store, subscription: Object) -> None:
    """The bill of the present period was not paid in time."""
    for invoice in invoices.open_ones(store, subscription):
        store.save("invoice", invoice | {"due_date": now()})
    subscription["status"] = "past_due"
    changed(store, subscription)


def lapse(store: Store, subscription: Object) -> None:
    """The last attempt to collect failed, and the subscription ends for it."""
    _have_debt(store, subscription)
    cancel(store, subscription, reason="payment_failed")


def leave_unpaid(store: Store, subscription: Object) -> None:
    """The last attempt to collect failed, and the subscription stays, unpaid."""
    _have_debt(store, subscription)
    subscription["status"] = "unpaid"
    changed(store, subscription)


def expire(store: Store, subscription: Object) -> None:
    """A day went by without the first payment."""
    if subscription["status"] == "incomplete":
        subscription |= {"status": "incomplete_expired", "ended_at": now()}
        changed(store, subscription)
        for invoice in invoices.open_ones(store, subscription):
            invoices.void(store, invoice)


def pause(store: Store, subscription: Object) -> None:
    """A trial ended and there was nothing to pay with."""
    subscription["status"] = "paused"
    changed(store, subscription)
    _tell(store, "paused", subscription)


def resume(store: Store, subscription: Object) -> None:
    subscription["status"] = "active"
    changed(store, subscription)
    _tell(store, "resumed", subscription)


def announce_trial_end(store: Store, subscription: Object) -> None:
    _tell(store, "trial_will_end", subscription)


def delete_customer(store: Store, customer: Object) -> Object:
    for subscription in store.find("subscription", {"customer": customer["id"]}):
        cancel(store, subscription)
    for method in store.find("payment_method", {"customer": customer["id"]}):
        methods.detach(store, method)
    gone = {"id": customer["id"], "object": "customer", "deleted": True}
    emit(store, "customer.deleted", customer)
    return store.save("customer", gone)


def authenticated(store: Store, intent: Object) -> None:
    """The holder of the card has said at their bank's page that it is they who pay."""
    (payment,) = store.find("invoice_payment", {"payment.payment_intent": intent["id"]})
    invoice = store.get("invoice", payment["invoice"])
    pay(store, invoices.subscription_of(store, invoice), invoice)


def refused(store: Store, intent: Object) -> None:
    """The holder of the card did not authenticate."""
    (payment,) = store.find("invoice_payment", {"payment.payment_intent": intent["id"]})
    invoice = store.get("invoice", payment["invoice"])
    payments.attempt(store, intent, store.get("payment_method", intent["payment_method"]), fails=True)
    invoices.tell(store, invoice, intent["status"])


def changed(store: Store, subscription: Object) -> None:
    store.save("subscription", subscription)
    _tell(store, "updated", subscription)


def period_end(subscription: Object) -> int:
    return max(int(item["current_period_end"]) for item in subscription["items"]["data"])


def _add_items(store: Store, subscription: Object, price_ids: Sequence[str]) -> None:
    items = subscription["items"]["data"]
    start, end = items[0]["current_period_start"], items[0]["current_period_end"]
    items += [shapes.item(subscription["id"], store.get("price", price), start, end) for price in price_ids]


def _renew(store: Store, subscription: Object, payment: str) -> None:
    for item in subscription["items"]["data"]:
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = shapes.next_month(item["current_period_start"])
    invoice = invoices.draw_up(store, subscription, "subscription_cycle")
    status = _ask_for(store, subscription, invoice, fails=payment == "fails")
    subscription["status"] = "active" if status in RUNNING else "past_due"
    invoices.tell(store, invoice, status)


def _ask_for(store: Store, subscription: Object, invoice: Object, **how: Any) -> str:
    """Collect it, or send a bill, which gives time."""
    if subscription["collection_method"] == "send_invoice" and invoice["status"] == "open":
        return "processing"
    return invoices.collect(store, subscription, invoice, **how)


def _have_debt(store: Store, subscription: Object) -> None:
    if not invoices.open_ones(store, subscription):
        advance(store, subscription, payment="fails")


def _move_back(store: Store, subscription: Object, seconds: int) -> None:
    for name in MOMENTS:
        if subscription[name] is not None:
            subscription[name] -= seconds
    for item in subscription["items"]["data"]:
        item["current_period_start"] -= seconds
        item["current_period_end"] -= seconds
    invoices.move_back(store, subscription, seconds)


def _tell(store: Store, what: str, subscription: Object) -> None:
    emit(store, f"customer.subscription.{what}", subscription)
    entitlements.refresh(store, subscription["customer"])
