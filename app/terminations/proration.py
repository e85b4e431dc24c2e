"""How much of what was paid for a subscription has not been used: what goes back when we end it. Pure.

Counted by the lines of the invoices, since each says for which time it is: of a line that runs, the share of its time
that is left; of one for a time to come, all; of one that is over, nothing. So an upgrade within the period, with its
credit for the old price and its charge for the new one, comes out as the value of what is left. An unpaid period was
never paid for and gives nothing back. A credit that turned an invoice negative takes nothing away from what other
invoices owe. Amounts are rounded up: in doubt the reader has the fraction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import ceil

from app.billing.money import step
from app.gateway.refunds import InvoiceLine, PaidInvoice, RefundableCharge

TICK = datetime.resolution


@dataclass(frozen=True)
class RefundPart:
    """What goes back of one charge, in minor units; never nothing."""

    charge: str
    amount: int


def unused(invoice: PaidInvoice, at: datetime) -> int:
    """How much of what was paid for `invoice` is for the time after `at`: from 0 to `paid`, in minor units.

    What was paid differs from the sum of the lines by taxes, discounts and earlier credit, which go by the share.
    """
    billed = sum(line.amount for line in invoice.lines)
    left = sum((line.amount * _share_left(line, at) for line in invoice.lines), start=Fraction())
    if billed <= 0 or left <= 0:
        return 0
    unit = step(invoice.currency)
    return min(invoice.paid, ceil(left / billed * invoice.paid / unit) * unit)


def split(amount: int, charges: Iterable[RefundableCharge]) -> list[RefundPart]:
    """`amount` over the charges that it was paid with, never more of one than is left of it."""
    parts = []
    for each in charges:
        given = min(amount, each.refundable)
        if given > 0:
            parts.append(RefundPart(each.charge, given))
            amount -= given
    return parts


def _share_left(line: InvoiceLine, at: datetime) -> Fraction:
    length = line.end - line.start
    if not length:
        return Fraction(0)
    left = line.end - max(line.start, at)
    return max(Fraction(0), Fraction(left // TICK, length // TICK))
