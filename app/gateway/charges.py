"""Charges, read at Stripe: what became of the money, and what it was for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from app.gateway.client import LONGEST_SLICE, NotPermitted, Object, Stripe, StripeRefused
from app.gateway.values import UNREADABLE, MalformedObject, reference

# Of several disputes about one charge the one that stands most in the way counts; an inquiry ("warning_...") is none.
LOST = "lost"
UNANSWERED = "needs_response"
WORST_FIRST = (LOST, UNANSWERED, "under_review")
# there is a dispute, and Stripe does not let us read what became of it
UNREAD = "unread"
TAKEN = "succeeded"
log = structlog.get_logger()


@dataclass(frozen=True)
class Origin:
    """What a charge paid for; both null where it was for something other than a subscription."""

    invoice: str | None = None
    subscription: str | None = None


@dataclass(frozen=True)
class Payment:
    """One charge now. `amount_refunded` is in minor units; `dispute_status` is Stripe's word, known to us or not,
    or UNREAD. `fraud_warning` is None where Stripe does not let us ask.
    """

    id: str
    customer: str | None
    taken: bool
    amount_refunded: int
    dispute_status: str | None
    fraud_warning: bool | None
    origin: Origin


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The charge as it is now; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.charges.retrieve(identifier))


def examine(stripe: Stripe, raw: Object, known: Origin | None) -> Payment:
    """Read a charge with all that Stripe says of it elsewhere. What it paid for never changes, so `known` saves calls.

    Raises MalformedObject and StripeUnavailable.
    """
    try:
        return Payment(
            id=raw["id"],
            customer=reference(raw.get("customer")),
            taken=raw["status"] == TAKEN,
            amount_refunded=int(raw["amount_refunded"]),
            dispute_status=_dispute_status(stripe, raw),
            fraud_warning=_is_warned_of(stripe, raw["id"]),
            origin=known or _origin(stripe, raw),
        )
    except UNREADABLE as error:
        raise MalformedObject(f"not a charge: {type(error).__name__}") from error


def _dispute_status(stripe: Stripe, raw: Object) -> str | None:
    """Charges of long ago carry their dispute; those of today only say that there is one."""
    if not raw.get("disputed") and not raw.get("dispute"):
        return None
    query = {"charge": raw["id"], "limit": LONGEST_SLICE}
    try:
        return _worst(dispute["status"] for dispute in stripe.walk(lambda v1: v1.disputes.list(query)))
    except NotPermitted:
        log.error("stripe does not let us read a list", list="disputes")
        return UNREAD


def _worst(statuses: Iterable[str]) -> str | None:
    found = list(statuses)
    return next((status for status in WORST_FIRST if status in found), found[0] if found else None)


def _is_warned_of(stripe: Stripe, charge_id: str) -> bool | None:
    """Whether its bank warned of fraud and something can still be done: it is neither refunded nor disputed yet.

    None where the list is refused, as for want of a right: that must not keep a refund or a dispute unheard.
    """
    warnings = _actionable(stripe, charge=charge_id)
    return None if warnings is None else bool(warnings)


def warned_of(stripe: Stripe) -> list[str]:
    """Ids of all charges, however old, of which a bank warned and with which something can still be done.

    None of them where the list is refused. Raises StripeUnavailable.
    """
    found = (reference(warning["charge"]) for warning in _actionable(stripe) or ())
    return [charge for charge in found if charge]


def _actionable(stripe: Stripe, **of: str) -> list[Object] | None:
    """The warnings with which something can still be done, of one charge or of all; None where the list is refused."""
    query: Any = {**of, "limit": LONGEST_SLICE}
    try:
        listed = list(stripe.walk(lambda v1: v1.radar.early_fraud_warnings.list(query)))
    except (NotPermitted, StripeRefused):
        log.error("stripe does not let us read a list", list="radar.early_fraud_warnings")
        return None
    return [warning for warning in listed if warning["actionable"]]


def _origin(stripe: Stripe, raw: Object) -> Origin:
    """A charge named its invoice until 2025; since then a list of payments stands between the two."""
    invoice: Any = raw.get("invoice")
    if invoice is None and raw.get("payment_intent"):
        intent = reference(raw["payment_intent"])
        query = {"payment": {"type": "payment_intent", "payment_intent": intent}, "expand": ["data.invoice"]}
        payments, _more = stripe.slice(lambda v1: v1.invoice_payments.list(query))
        invoice = payments[0]["invoice"] if payments else None
    if isinstance(invoice, str):
        identifier = invoice
        invoice = stripe.find(lambda v1: v1.invoices.retrieve(identifier)) or {"id": identifier}
    return Origin(invoice["id"], subscription_of(invoice)) if invoice else Origin()


def subscription_of(invoice: Mapping[str, Any]) -> str | None:
    """Invoices name their parent since 2025; before, the subscription itself."""
    parent = invoice.get("parent") or {}
    named = (parent.get("subscription_details") or {}).get("subscription") or invoice.get("subscription")
    return reference(named)
