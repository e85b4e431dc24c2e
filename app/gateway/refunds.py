"""What was paid for a subscription and for which time, and giving some of it back."""

from dataclasses import dataclass
from datetime import datetime

from app.gateway.client import LONGEST_SLICE, Object, Stripe, StripeRefused
from app.gateway.values import moment

# metadata of a refund, by which it is found again
CASE, NUMBER = "case", "number"
# Stripe's code: the charge was given back, by whomever
ALREADY = "charge_already_refunded"
# the money did not reach the payer
FAILED = ("failed", "canceled")


@dataclass(frozen=True)
class InvoiceLine:
    """A line of an invoice: its amount in minor units, negative for a credit, and the time that it is for."""

    amount: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class PaidInvoice:
    """A paid invoice of a subscription. `paid` is what its payer gave, in minor units of `currency` (lower case)."""

    id: str
    currency: str
    paid: int
    lines: tuple[InvoiceLine, ...]


@dataclass(frozen=True)
class RefundableCharge:
    """A charge of Stripe's, and how much of it can still be given back, in minor units."""

    charge: str
    refundable: int


def paid_invoices(stripe: Stripe, subscription_id: str) -> list[PaidInvoice]:
    """All invoices of the subscription that somebody gave money for, the newest first. Raises StripeUnavailable."""
    query = {"subscription": subscription_id, "status": "paid", "limit": LONGEST_SLICE}
    found = stripe.walk(lambda v1: v1.invoices.list(query))
    return [_invoice(stripe, raw) for raw in found if raw["amount_paid"] > 0]


def refundable_charges(stripe: Stripe, invoice_id: str) -> list[RefundableCharge]:
    """The charges that paid an invoice. What was paid past Stripe is not among them. Raises StripeUnavailable."""
    query = {"invoice": invoice_id, "status": "paid", "limit": LONGEST_SLICE}
    found = [each["payment"] for each in stripe.walk(lambda v1: v1.invoice_payments.list(query))]
    return [_refundable(charge) for payment in found for charge in _charges(stripe, payment)]


def find(stripe: Stripe, charge: str, case: str, number: int) -> str | None:
    """The id of the refund that `create` made of this charge, whenever that was: keys are forgotten after a day."""
    for refund in stripe.walk(lambda v1: v1.refunds.list({"charge": charge, "limit": LONGEST_SLICE})):
        metadata = refund.get("metadata") or {}
        if metadata.get(CASE) == case and metadata.get(NUMBER) == str(number):
            return _checked(refund)
    return None


def failure(stripe: Stripe, refund: str) -> str | None:
    """Stripe's code for why the money came back to us, which may be weeks later; None where it did not."""
    found = stripe.find(lambda v1: v1.refunds.retrieve(refund))
    return _failure(found) if found else None


def create(stripe: Stripe, charge: str, amount: int, case: str, number: int) -> str:
    """Give `amount` minor units of a charge back, once for each `number` of a case; the refund's id.

    Raises StripeRefused and StripeUnavailable.
    """
    wanted = {"charge": charge, "amount": amount, "metadata": {CASE: case, NUMBER: str(number)}}
    options = {"idempotency_key": f"case:{case}:refund:{number}"}
    return _checked(stripe.change(lambda v1: v1.refunds.create(wanted, options)))


def _checked(refund: Object) -> str:
    if code := _failure(refund):
        raise StripeRefused(code, None)
    return str(refund["id"])


def _failure(refund: Object) -> str | None:
    return str(refund.get("failure_reason") or "refund_failed") if refund.get("status") in FAILED else None


def _invoice(stripe: Stripe, raw: Object) -> PaidInvoice:
    lines = raw["lines"]["data"]
    if raw["lines"].get("has_more"):
        lines = list(stripe.walk(lambda v1: v1.invoices.line_items.list(raw["id"], {"limit": LONGEST_SLICE})))
    return PaidInvoice(raw["id"], raw["currency"], raw["amount_paid"], tuple(_line(line) for line in lines))


def _line(raw: Object) -> InvoiceLine:
    return InvoiceLine(raw["amount"], moment(raw["period"]["start"]), moment(raw["period"]["end"]))


def _charges(stripe: Stripe, payment: Object) -> list[Object]:
    if payment["type"] == "charge":
        found = stripe.find(lambda v1: v1.charges.retrieve(payment["charge"]))
        return [found] if found else []
    if payment["type"] == "payment_intent":
        return list(stripe.walk(lambda v1: v1.charges.list({"payment_intent": payment["payment_intent"]})))
    return []


def _refundable(charge: Object) -> RefundableCharge:
    taken = charge["amount_captured"] if charge["paid"] else 0
    return RefundableCharge(charge["id"], max(0, taken - charge["amount_refunded"]))
