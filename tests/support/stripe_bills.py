"""The invoices of one subscription at Stripe, what was tried to pay them with, and, in a few words, how it stands.

The words are written by whoever makes the change, never read from the objects: they are what the product's reading of
the objects is compared with.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from tests.support.stripe_truth import Object, Truth

DAY = 24 * 3600
FEE = 500
# of an invoice: that of a period, or that of a change of plan in the middle of one
CYCLE, SWITCH = "subscription_cycle", "subscription_update"


class Period(Enum):
    """How it stands with the money for the present period."""

    PAID = "paid"
    FREE = "nothing was asked for it"
    ON_ITS_WAY = "a debit is under way"
    BILLED = "a bill was sent and is not due yet"
    FAILED = "it was refused, or the bill fell due"
    WRITTEN_OFF = "nobody will pay it any more"


@dataclass
class Paid:
    """Money that arrived, for a period or for a change of plan: the invoice and the ids of its charges, and the item
    that it was for."""

    invoice: str
    amount: int
    charges: list[str]
    item: "Term"
    is_of_period: bool


@dataclass
class Term:
    """The story of the present period of one item: its invoice, and since when its payment has failed."""

    period: Period = Period.PAID
    own: Object = field(default_factory=dict)
    failed_at: int | None = None


class Bills:
    """The invoices of the subscription `subscription_id`, the latest last, and the story of its money: that of the
    item that it began with, by the `month`, and of another, by the `year`."""

    def __init__(self, truth: Truth, subscription_id: str) -> None:
        self.truth, self.subscription_id = truth, subscription_id
        self.month, self.year = Term(), Term()
        self.paid: list[Paid] = []
        self.charge_ids: list[str] = []
        self._under_way: dict[str, Object] = {}

    def draw(
        self,
        customer: str,
        item: Object,
        term: Term | None,
        *,
        total: int = FEE,
        bill: bool = False,
    ) -> Object:
        """A new invoice, open; for nothing it is paid at once. It becomes that of the `term` (None: of a switch)."""
        created = self.truth.seconds()
        # an item that is added is billed by a change of the subscription
        within = term is None or (term is self.year and not term.own)
        period = {"start": item["current_period_start"], "end": item["current_period_end"]}
        line = {"amount": total, "period": period}
        parent = {"proration": term is None, "subscription": self.subscription_id, "subscription_item": item["id"]}
        line["parent"] = {"type": "subscription_item_details", "subscription_item_details": parent}
        invoice = {
            "id": self.truth.new_id("in"),
            "object": "invoice",
            "amount_due": max(total, 0),
            "amount_paid": 0,
            "billing_reason": SWITCH if within else CYCLE,
            "collection_method": "send_invoice" if bill else "charge_automatically",
            "created": created,
            "customer": customer,
            "due_date": created + 30 * DAY if bill else None,
            "lines": {"object": "list", "data": [line], "has_more": False},
            "livemode": False,
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": self.subscription_id}},
            "period_end": item["current_period_start"],
            "status": "open" if total > 0 else "paid",
            "status_transitions": {"finalized_at": created, "paid_at": created if total <= 0 else None},
            "total": total,
        }
        if term is not None:
            term.own, term.failed_at = invoice, None
            term.period = Period.FREE if total <= 0 else Period.BILLED if bill else Period.ON_ITS_WAY
        return self.truth.save("invoices", invoice)

    def pay(self, invoice: Object, *parts: int) -> Object:
        """All of it arrived, in one charge or in several, and a second at least after what arrived before."""
        amounts = parts or (invoice["total"],)
        charges = [self.charge(invoice, amount, "succeeded")["id"] for amount in amounts]
        invoice.update(amount_paid=invoice["total"], status="paid")
        invoice["status_transitions"]["paid_at"] = self.truth.seconds() + len(self.paid)
        own = next((term for term in (self.month, self.year) if term.own is invoice), None)
        # it is the plan by the month that is changed
        self.paid.append(
            Paid(invoice["id"], invoice["total"], charges, own or self.month, is_of_period=own is not None)
        )
        self._settle(invoice, Period.PAID)
        return invoice

    def begin_debit(self, invoice: Object) -> Object:
        """It is to be paid by a debit that takes days."""
        self._under_way[invoice["id"]] = self.charge(invoice, invoice["total"], "pending")
        return invoice

    def fail(self, term: Term, *, days_ago: int = 0) -> Object:
        """The present period's payment failed just now: that of a debit that was begun some days ago, or at once."""
        begun, now = self.truth.seconds() - days_ago * DAY, self.truth.seconds()
        term.own["created"] = term.own["status_transitions"]["finalized_at"] = begun
        charge = self.charge(term.own, term.own["total"], "failed")
        charge["created"] = begun
        if days_ago:
            charge["failure_balance_transaction"] = {"id": "txn_1", "object": "balance_transaction", "created": now}
        term.period, term.failed_at = Period.FAILED, now
        return term.own

    def fall_due(self) -> Object:
        """The bill of the present month is a month old."""
        now, own = self.truth.seconds(), self.month.own
        own["created"] = own["status_transitions"]["finalized_at"] = now - 30 * DAY
        own["due_date"] = now
        self.month.period, self.month.failed_at = Period.FAILED, now
        return own

    def close(self, invoice: Object, status: str) -> Object:
        """Nobody will pay it any more."""
        invoice["status"] = status
        self._settle(invoice, Period.WRITTEN_OFF)
        return invoice

    def _settle(self, invoice: Object, period: Period) -> None:
        for term in (self.month, self.year):
            if term.own is invoice:
                term.period, term.failed_at = period, None

    def charge(self, invoice: Object, amount: int, status: str) -> Object:
        """What was tried to pay the invoice with; where a debit is under way for it, what became of that."""
        made = self._under_way.pop(invoice["id"], None) or self._new_charge(invoice, amount)
        made.update(status=status, amount_captured=amount if status == "succeeded" else 0)
        if status == "succeeded":
            self.charge_ids.append(made["id"])
            for payment in self.truth.all("invoice_payments").values():
                if payment["payment"]["payment_intent"] == made["payment_intent"]:
                    payment["status"] = "paid"
        return made

    def _new_charge(self, invoice: Object, amount: int) -> Object:
        intent = self.truth.new_id("pi")
        payment = {"type": "payment_intent", "payment_intent": intent}
        named = {"id": self.truth.new_id("inpay"), "object": "invoice_payment", "invoice": invoice["id"]}
        self.truth.save("invoice_payments", named | {"livemode": False, "payment": payment, "status": "open"})
        made = {
            "id": self.truth.new_id("ch"),
            "object": "charge",
            "amount": amount,
            "amount_captured": 0,
            "amount_refunded": 0,
            "created": self.truth.seconds(),
            "currency": "gbp",
            "customer": invoice["customer"],
            "disputed": False,
            "failure_balance_transaction": None,
            "livemode": False,
            "payment_intent": intent,
            "refunded": False,
            "status": "pending",
        }
        return self.truth.save("charges", made)

    @property
    def charges(self) -> list[Object]:
        """Those that brought money, the latest last."""
        return [self.truth.all("charges")[each] for each in self.charge_ids]

    def latest_payment(self, term: Term | None = None) -> Paid | None:
        """The latest money that arrived, for whatever or for one item: for a period of it, or, if none was ever paid,
        for a change of it."""
        paid = [each for each in self.paid if term is None or each.item is term]
        of_periods = [each for each in paid if each.is_of_period] if term else []
        return ([None, *paid, *of_periods])[-1]

    def is_given_back(self, term: Term | None = None) -> bool:
        """Whether of the latest money that arrived, for whatever or for one item, nothing is left with the paper."""
        known, paid = self.truth.all("charges"), self.latest_payment(term)
        return paid is not None and all(known[each]["refunded"] for each in paid.charges)


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
