"""Money on its way: payment intents, the charges that try to fulfil them, and what ties both to an invoice."""

from app.simulator import cards
from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit

DECLINED = "Your card was declined."
# these take days
DEBITS = ("acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account")


def request_for(store: Store, invoice: Object) -> Object:
    """The payment intent by which a new invoice is to be paid, tied to it by an invoice payment."""
    intent = _intent(invoice)
    store.save("payment_intent", intent)
    store.save("invoice_payment", _invoice_payment(invoice, intent))
    return intent


def intent_of(store: Store, invoice: Object) -> Object:
    (payment,) = store.find("invoice_payment", {"invoice": invoice["id"]})
    return store.get("payment_intent", payment["payment"]["payment_intent"])


def attempt(
    store: Store, intent: Object, method: Object, *, present: bool = False, fails: bool = False, page: str = ""
) -> str:
    """Try to collect; the intent's status afterwards.

    `present` is a payer who has just authenticated; `page` is where one could do so.
    """
    number = method["_number"]
    intent["payment_method"] = method["id"]
    if number in cards.AUTHENTICATED and not present and not fails:
        url = f"{page}/authenticate/{intent['id']}"
        intent |= {
            "status": "requires_action",
            "next_action": {"type": "redirect_to_url", "redirect_to_url": {"return_url": None, "url": url}},
        }
    elif method["type"] in DEBITS and not fails:
        _charged(store, intent, method, None, pending=True)
    else:
        reason = cards.REFUSED.get(number) or cards.FAILING.get(number) or ("generic_decline" if fails else None)
        _charged(store, intent, method, reason)
    store.save("payment_intent", intent)
    return str(intent["status"])


def settle(store: Store, invoice: Object, intent: Object) -> None:
    """The invoice payment of an invoice that is paid now."""
    (payment,) = store.find("invoice_payment", {"invoice": invoice["id"]})
    payment |= {"amount_paid": intent["amount"], "status": "paid"}
    payment["status_transitions"]["paid_at"] = now()
    store.save("invoice_payment", payment)


def settle_debit(store: Store, intent: Object, *, arrives: bool) -> str:
    """The bank of a debit that was under way has paid, or sends it back; the intent's status afterwards."""
    charge = store.get("charge", intent["latest_charge"])
    if arrives:
        charge |= {"status": "succeeded", "paid": True, "amount_captured": charge["amount"], "captured": True}
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    else:
        returned = {"id": new_id("txn"), "object": "balance_transaction", "created": now(), "amount": -charge["amount"]}
        store.save("balance_transaction", returned)
        charge |= {"status": "failed", "paid": False, "failure_balance_transaction": returned["id"]}
        charge |= {"failure_code": "insufficient_funds", "failure_message": "The customer's account has too little."}
        intent |= {"status": "requires_payment_method", "payment_method": None}
    store.save("charge", charge)
    store.save("payment_intent", intent)
    emit(store, f"charge.{charge['status']}", charge)
    return str(intent["status"])


def _charged(store: Store, intent: Object, method: Object, decline: str | None, *, pending: bool = False) -> None:
    charge = _charge(intent, method, decline)
    if pending:
        charge |= {"status": "pending", "paid": False, "amount_captured": 0}
    store.save("charge", charge)
    intent |= {"latest_charge": charge["id"], "next_action": None}
    if pending:
        intent |= {"status": "processing", "last_payment_error": None}
        emit(store, "charge.pending", charge)
    elif decline:
        intent |= {
            "status": "requires_payment_method",
            "payment_method": None,
            "last_payment_error": {
                "type": "card_error",
                "charge": charge["id"],
                "code": "card_declined",
                "decline_code": decline,
                "message": DECLINED,
            },
        }
        emit(store, "charge.failed", charge)
    else:
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        emit(store, "charge.succeeded", charge)


def _intent(invoice: Object) -> Object:
    identifier = new_id("pi")
    return {
        "id": identifier,
        "object": "payment_intent",
        "amount": invoice["amount_due"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": f"{identifier}_secret_{new_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": invoice["created"],
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": "Subscription creation",
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": None,
        "payment_method_types": ["card"],
        "setup_future_usage": "off_session",
        "status": "requires_payment_method",
    }


def _invoice_payment(invoice: Object, intent: Object) -> Object:
    return {
        "id": new_id("inpay"),
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": invoice["amount_due"],
        "created": invoice["created"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def _charge(intent: Object, method: Object, decline: str | None) -> Object:
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if decline else intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": None if decline else new_id("txn"),
        "billing_details": method["billing_details"],
        "captured": not decline,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": "card_declined" if decline else None,
        "failure_message": DECLINED if decline else None,
        "livemode": False,
        "metadata": {},
        "outcome": _outcome(decline),
        "paid": not decline,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method),
        "receipt_email": None,
        "refunded": False,
        "status": "failed" if decline else "succeeded",
    }


def _outcome(decline: str | None) -> Object:
    return {
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline,
        "risk_level": "normal",
        "seller_message": "The bank did not return any further details." if decline else "Payment complete.",
        "type": "issuer_declined" if decline else "authorized",
    }


ACCOUNT = ("fingerprint", "last4")
CHARGED = {
    "acss_debit": ACCOUNT,
    "au_becs_debit": ACCOUNT,
    "us_bank_account": ACCOUNT,
    "bacs_debit": ("fingerprint", "last4", "sort_code"),
    "card": ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet"),
    "link": (),
    "paypal": ("country", "payer_email", "payer_id"),
    "sepa_debit": ("bank_code", "branch_code", "country", "fingerprint", "last4"),
}


def _details(method: Object) -> Object:
    kind = method["type"]
    details = {name: method[kind][name] for name in CHARGED[kind]}
    return {"type": kind, kind: details}
