"""What happens to a subscription, as one verb each. Every verb changes the objects and emits Stripe's events.

Call them inside `store.transaction()`. A subscription's own clock is moved on by moving its times back, so that its
period ends now: whoever reads the clock on the wall sees a period that is over.
"""

from app.simulator import shapes
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


def create_subscription(store: Store, customer_id: str, price_id: str, metadata: dict[str, str]) -> Object:
    """A new subscription whose first invoice is paid."""
    subscription = shapes.subscription(customer_id, store.get("price", price_id), metadata)
    invoice = _new_invoice(store, subscription, "subscription_create")
    _settle(store, invoice)
    store.save("subscription", subscription)
    emit(store, "customer.subscription.created", subscription)
    emit(store, "invoice.paid", invoice)
    return subscription


def begin_trial(store: Store, customer_id: str, price_id: str, metadata: dict[str, str], days: int) -> Object:
    """A new subscription that costs nothing yet."""
    subscription = shapes.subscription(customer_id, store.get("price", price_id), metadata, days)
    store.save("subscription", subscription)
    emit(store, "customer.subscription.created", subscription)
    return subscription


def complete_checkout(store: Store, session: Object) -> Object:
    """The buyer paid: the subscription begins and the session is complete."""
    subscription = create_subscription(store, session["customer"], session["_price"], session["_subscription_metadata"])
    session |= {
        "status": "complete",
        "payment_status": "paid",
        "subscription": subscription["id"],
        "invoice": subscription["latest_invoice"],
        "currency": subscription["currency"],
        "amount_total": subscription["items"]["data"][0]["price"]["unit_amount"],
        "url": None,
    }
    store.save("checkout.session", session)
    emit(store, "checkout.session.completed", session)
    return subscription


def schedule_end(store: Store, subscription: Object, *, by_time: bool) -> None:
    """End with the paid period. The Portal sets the time, and leaves the older flag alone; the API sets the flag."""
    subscription["cancel_at"] = period_end(subscription)
    subscription["cancel_at_period_end"] = not by_time
    subscription["canceled_at"] = now()
    subscription["cancellation_details"]["reason"] = "cancellation_requested"
    _changed(store, subscription)


def withdraw_end(store: Store, subscription: Object) -> None:
    subscription |= {"cancel_at": None, "cancel_at_period_end": False, "canceled_at": None}
    subscription["cancellation_details"]["reason"] = None
    _changed(store, subscription)


def cancel(store: Store, subscription: Object, reason: str = "cancellation_requested") -> None:
    """End now."""
    if subscription["status"] == "canceled":
        return
    subscription |= {"status": "canceled", "ended_at": now(), "canceled_at": subscription["canceled_at"] or now()}
    subscription["cancellation_details"]["reason"] = reason
    store.save("subscription", subscription)
    emit(store, "customer.subscription.deleted", subscription)


def advance(store: Store, subscription: Object, *, seconds: int | None = None, payment: str = "succeeds") -> None:
    """Let `seconds` pass for this subscription alone, or as many as its period still has.

    Where that ends the period, it is cancelled if that was scheduled, and else renewed: the payment `succeeds` or
    `fails`.
    """
    left = period_end(subscription) - now()
    passed = left if seconds is None else seconds
    _move_back(store, subscription, passed)
    if subscription["status"] != "canceled" and passed >= left:
        if subscription["cancel_at"] is None:
            _renew(store, subscription, payment)
        else:
            cancel(store, subscription)
            return
    _changed(store, subscription)


def pay_open_invoices(store: Store, subscription: Object) -> None:
    """The payer put it right: everything open is paid and the subscription is active again."""
    for invoice in open_invoices(store, subscription):
        _settle(store, invoice)
        emit(store, "invoice.paid", invoice)
    if subscription["status"] in {"past_due", "unpaid"}:
        subscription["status"] = "active"
        _changed(store, subscription)


def lapse(store: Store, subscription: Object) -> None:
    """The last attempt to collect failed, and the subscription ends for it."""
    if not open_invoices(store, subscription):
        advance(store, subscription, payment="fails")
    cancel(store, subscription, reason="payment_failed")


def delete_customer(store: Store, customer: Object) -> Object:
    for subscription in store.find("subscription", {"customer": customer["id"]}):
        cancel(store, subscription)
    gone = {"id": customer["id"], "object": "customer", "deleted": True}
    emit(store, "customer.deleted", customer)
    return store.save("customer", gone)


def open_invoices(store: Store, subscription: Object) -> list[Object]:
    return store.find("invoice", {"parent.subscription_details.subscription": subscription["id"], "status": "open"})


def period_end(subscription: Object) -> int:
    return max(int(item["current_period_end"]) for item in subscription["items"]["data"])


def _renew(store: Store, subscription: Object, payment: str) -> None:
    for item in subscription["items"]["data"]:
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = shapes.next_month(item["current_period_start"])
    invoice = _new_invoice(store, subscription, "subscription_cycle")
    if payment == "fails":
        _fail(store, invoice)
        subscription["status"] = "past_due"
        emit(store, "invoice.payment_failed", invoice)
    else:
        _settle(store, invoice)
        subscription["status"] = "active"
        emit(store, "invoice.paid", invoice)


def _move_back(store: Store, subscription: Object, seconds: int) -> None:
    for name in MOMENTS:
        if subscription[name] is not None:
            subscription[name] -= seconds
    for item in subscription["items"]["data"]:
        item["current_period_start"] -= seconds
        item["current_period_end"] -= seconds
    for invoice in open_invoices(store, subscription):
        invoice["created"] -= seconds
        invoice["status_transitions"]["finalized_at"] -= seconds
        store.save("invoice", invoice)


def _new_invoice(store: Store, subscription: Object, reason: str) -> Object:
    invoice = store.save("invoice", shapes.invoice(subscription, reason))
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def _settle(store: Store, invoice: Object) -> None:
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempt_count": invoice["attempt_count"] + 1,
        "attempted": True,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = now()
    store.save("invoice", invoice)


def _fail(store: Store, invoice: Object) -> None:
    invoice |= {
        "attempt_count": invoice["attempt_count"] + 1,
        "attempted": True,
        "next_payment_attempt": now() + 3 * 24 * 3600,
    }
    store.save("invoice", invoice)


def _changed(store: Store, subscription: Object) -> None:
    store.save("subscription", subscription)
    emit(store, "customer.subscription.updated", subscription)
