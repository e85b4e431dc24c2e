"""Invoices: a period's bill, from its first attempt to its end."""

from app.simulator import discounts, lines, methods, payments, shapes
from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit

DAY_SECONDS = 24 * 3600
RETRY_SECONDS = 3 * DAY_SECONDS
SUBSCRIPTION = "parent.subscription_details.subscription"


def draw_up(store: Store, subscription: Object, reason: str, entries: list[Object] | None = None) -> Object:
    """The finalised invoice for the subscription's present period, or for the lines `entries`; nobody has tried to
    collect it yet. One that comes to nothing is paid.
    """
    entries = lines.of_period(subscription) if entries is None else entries
    asked = sum(entry["amount"] for entry in entries)
    total = discounts.take_off(store, subscription, asked) if asked > 0 else asked
    invoice = _invoice(subscription, reason, asked, total)
    invoice = store.save("invoice", lines.put(invoice, entries))
    if total > 0:
        payments.request_for(store, invoice)
    else:
        store.save("invoice", _paid(invoice))
    subscription["latest_invoice"] = invoice["id"]
    emit(store, "invoice.finalized", invoice)
    return invoice


def collect(
    store: Store, subscription: Object, invoice: Object, *, present: bool = False, fails: bool = False, page: str = ""
) -> str:
    """Try to have the invoice paid; the status of its payment intent. Its events are left to `tell`."""
    if invoice["status"] == "paid":
        return "succeeded"
    intent = payments.intent_of(store, invoice)
    method = methods.default_of(store, subscription) or methods.some_card(store, subscription["customer"])
    status = payments.attempt(store, intent, method, present=present, fails=fails, page=page)
    invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}
    if status == "succeeded":
        payments.settle(store, invoice, intent)
        _paid(invoice)
    elif status != "processing":
        invoice["next_payment_attempt"] = now() + RETRY_SECONDS
    store.save("invoice", invoice)
    return status


def tell(store: Store, invoice: Object, status: str) -> None:
    """The event of an attempt that left the payment intent in `status`; none yet of a debit that is under way."""
    if status == "processing":
        return
    kinds = {"succeeded": "invoice.paid", "requires_action": "invoice.payment_action_required"}
    emit(store, kinds.get(status, "invoice.payment_failed"), invoice)


def settle_debit(store: Store, invoice: Object, *, arrives: bool) -> str:
    """What became of a debit that was under way for the invoice; the status of its payment intent."""
    intent = payments.intent_of(store, invoice)
    if intent["status"] != "processing":
        return str(intent["status"])
    status = payments.settle_debit(store, intent, arrives=arrives)
    if arrives:
        payments.settle(store, invoice, intent)
        _paid(invoice)
    store.save("invoice", invoice)
    tell(store, invoice, status)
    return status


def void(store: Store, invoice: Object) -> Object:
    return _closed(store, invoice, "void", "voided_at", "invoice.voided")


def write_off(store: Store, invoice: Object) -> Object:
    return _closed(store, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def open_ones(store: Store, subscription: Object) -> list[Object]:
    return store.find("invoice", {SUBSCRIPTION: subscription["id"], "status": "open"})


def move_back(store: Store, subscription: Object, seconds: int) -> None:
    """All invoices and payments of the subscription were so much earlier."""
    for invoice in store.find("invoice", {SUBSCRIPTION: subscription["id"]}, limit=1000):
        for name in ("created", "due_date", "period_end", "period_start"):
            if invoice[name] is not None:
                invoice[name] -= seconds
        reached = invoice["status_transitions"]
        reached |= {name: moment - seconds for name, moment in reached.items() if moment is not None}
        store.save("invoice", lines.moved_back(invoice, seconds))
        if not invoice["amount_due"]:
            continue
        intent = payments.intent_of(store, invoice)
        for charge in store.find("charge", {"payment_intent": intent["id"]}):
            store.save("charge", charge | {"created": charge["created"] - seconds})
        store.save("payment_intent", intent | {"created": intent["created"] - seconds})


def subscription_of(store: Store, invoice: Object) -> Object:
    return store.get("subscription", invoice["parent"]["subscription_details"]["subscription"])


def _paid(invoice: Object) -> Object:
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = now()
    return invoice


def _closed(store: Store, invoice: Object, status: str, moment: str, kind: str) -> Object:
    invoice |= {"status": status, "next_payment_attempt": None}
    invoice["status_transitions"][moment] = now()
    store.save("invoice", invoice)
    emit(store, kind, invoice)
    return invoice


def _invoice(subscription: Object, reason: str, subtotal: int, total: int) -> Object:
    items, created, amount = subscription["items"]["data"], now(), max(total, 0)
    days = subscription["days_until_due"]
    # an invoice names the period before, in which it grew; the period that is paid is that of its lines
    begun = items[0]["current_period_start"]
    return {
        "id": new_id("in"),
        "object": "invoice",
        "amount_due": amount,
        "amount_paid": 0,
        "amount_remaining": amount,
        "attempt_count": 0,
        "attempted": False,
        "billing_reason": reason,
        "collection_method": subscription["collection_method"],
        "created": created,
        "currency": subscription["currency"],
        "customer": subscription["customer"],
        "due_date": created + days * DAY_SECONDS if days is not None else None,
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "parent": {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
        },
        "period_end": begun,
        "period_start": begun if reason == "subscription_create" else shapes.last_month(begun),
        "status": "open",
        "status_transitions": {
            "finalized_at": created,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": subtotal,
        "total": total,
    }
