"""Invoices: a period's bill, from its first attempt to its end."""

from app.simulator import lines, methods, payments, shapes
from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit

RETRY_SECONDS = 3 * 24 * 3600
SUBSCRIPTION = "parent.subscription_details.subscription"


def draw_up(store: Store, subscription: Object, reason: str) -> Object:
    """The finalised invoice for the subscription's present period; nobody has tried to collect it yet."""
    invoice = _invoice(subscription, reason)
    invoice = store.save("invoice", lines.put(invoice, lines.of_period(subscription, invoice["id"])))
    payments.request_for(store, invoice)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def collect(
    store: Store, subscription: Object, invoice: Object, *, present: bool = False, fails: bool = False, page: str = ""
) -> str:
    """Try to have the invoice paid; the status of its payment intent. Its events are left to `tell`."""
    intent = payments.intent_of(store, invoice)
    method = methods.default_of(store, subscription) or methods.some_card(store, subscription["customer"])
    status = payments.attempt(store, intent, method, present=present, fails=fails, page=page)
    invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}
    if status == "succeeded":
        payments.settle(store, invoice, intent)
        _paid(invoice)
    else:
        invoice["next_payment_attempt"] = now() + RETRY_SECONDS
    store.save("invoice", invoice)
    return status


def tell(store: Store, invoice: Object, status: str) -> None:
    """The event of an attempt that left the payment intent in `status`."""
    kinds = {"succeeded": "invoice.paid", "requires_action": "invoice.payment_action_required"}
    emit(store, kinds.get(status, "invoice.payment_failed"), invoice)


def void(store: Store, invoice: Object) -> Object:
    return _closed(store, invoice, "void", "voided_at", "invoice.voided")


def write_off(store: Store, invoice: Object) -> Object:
    return _closed(store, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible")


def open_ones(store: Store, subscription: Object) -> list[Object]:
    return store.find("invoice", {SUBSCRIPTION: subscription["id"], "status": "open"})


def move_back(store: Store, subscription: Object, seconds: int) -> None:
    """All invoices and payments of the subscription were so much earlier."""
    for invoice in store.find("invoice", {SUBSCRIPTION: subscription["id"]}, limit=1000):
        for name in ("created", "period_end", "period_start"):
            invoice[name] -= seconds
        reached = invoice["status_transitions"]
        reached |= {name: moment - seconds for name, moment in reached.items() if moment is not None}
        store.save("invoice", lines.moved_back(invoice, seconds))
        intent = payments.intent_of(store, invoice)
        for charge in store.find("charge", {"payment_intent": intent["id"]}):
            store.save("charge", charge | {"created": charge["created"] - seconds})
        store.save("payment_intent", intent | {"created": intent["created"] - seconds})


def subscription_of(store: Store, invoice: Object) -> Object:
    return store.get("subscription", invoice["parent"]["subscription_details"]["subscription"])


def _paid(invoice: Object) -> None:
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = now()


def _closed(store: Store, invoice: Object, status: str, moment: str, kind: str) -> Object:
    invoice |= {"status": status, "next_payment_attempt": None}
    invoice["status_transitions"][moment] = now()
    store.save("invoice", invoice)
    emit(store, kind, invoice)
    return invoice


def _invoice(subscription: Object, reason: str) -> Object:
    items = subscription["items"]["data"]
    amount, created = sum(item["price"]["unit_amount"] * item["quantity"] for item in items), now()
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
        "collection_method": "charge_automatically",
        "created": created,
        "currency": subscription["currency"],
        "customer": subscription["customer"],
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
        "subtotal": amount,
        "total": amount,
    }
