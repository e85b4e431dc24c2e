"""Money given back, in whole or in part, and a refund that the bank sends back in its turn."""

from app.simulator import fraud_warnings
from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit


def refund(store: Store, charge: Object, amount: int, reason: str | None, metadata: dict[str, str]) -> Object:
    """Give `amount` of the charge back; it must not be more than is left."""
    made = store.save("refund", _refund(charge, amount, reason, metadata))
    _give_back(store, charge, amount)
    emit(store, "refund.created", made)
    emit(store, "charge.refunded", charge)
    return made


def fail(store: Store, refund: Object) -> Object:
    """The payer's bank would not take it: the money is ours again."""
    if refund["status"] != "failed":
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        store.save("refund", refund)
        _give_back(store, store.get("charge", refund["charge"]), -refund["amount"])
        emit(store, "refund.updated", refund)
        emit(store, "refund.failed", refund)
    return refund


def _give_back(store: Store, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    store.save("charge", charge)
    if charge["refunded"]:
        fraud_warnings.settle(store, charge)


def _refund(charge: Object, amount: int, reason: str | None, metadata: dict[str, str]) -> Object:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "status": "succeeded",
    }
