"""Disputes: a payer asks the bank for the money. Those that begin with `warning_` are inquiries; no money moves yet."""

from app.simulator import fraud_warnings
from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit

ANSWER_SECONDS = 9 * 24 * 3600
CLOSED = ("lost", "warning_closed", "won")
STATUSES = (*CLOSED, "needs_response", "under_review", "warning_needs_response", "warning_under_review")


def dispute(store: Store, charge: Object, status: str, reason: str) -> Object:
    opened = store.save("dispute", _dispute(charge, status, reason))
    charge["disputed"] = True
    store.save("charge", charge)
    fraud_warnings.settle(store, charge)
    emit(store, "charge.dispute.created", opened)
    if not status.startswith("warning_"):
        emit(store, "charge.dispute.funds_withdrawn", opened)
    return opened


def move(store: Store, dispute: Object, status: str) -> Object:
    """Take the dispute to another status; a closed one says so, and money that is won comes back."""
    was_inquiry = dispute["status"].startswith("warning_")
    dispute["status"] = status
    store.save("dispute", dispute)
    emit(store, "charge.dispute.closed" if status in CLOSED else "charge.dispute.updated", dispute)
    if was_inquiry and not status.startswith("warning_"):
        emit(store, "charge.dispute.funds_withdrawn", dispute)
    if status == "won":
        emit(store, "charge.dispute.funds_reinstated", dispute)
    return dispute


def _dispute(charge: Object, status: str, reason: str) -> Object:
    inquiry = status.startswith("warning_")
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence_details": {
            "due_by": now() + ANSWER_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": status,
    }
