"""How much of what was paid for a subscription was for nothing: what goes back when we end it. Pure.

Counted by the lines of the invoices, since each says for which time it is: of a line that runs, the share of its time
that is left; of one for a time to come, all; of one that is over, nothing. So an upgrade within the period, with its
credit for the old price and its charge for the new one, comes out as the value of what is left. An unpaid period was
never paid for and gives nothing back. Where another subscription sold the reader the same, the time that was paid there
counts as not used here. A credit that turned an invoice negative takes nothing away from what other invoices owe.
Amounts are rounded up: in doubt the reader has the fraction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil

from app.billing.money import step
from app.gateway.refunds import InvoiceLine, PaidInvoice, RefundableCharge

TICK = datetime.resolution
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class RefundPart:
    """What goes back of one charge, in minor units; never nothing."""

    charge: str
    amount: int


def unused(invoice: PaidInvoice, at: datetime, doubled: Iterable[PaidInvoice] = ()) -> int:
    """How much of what was paid for `invoice` is for the time after `at`, or for time that `doubled` were paid for as
    well: from 0 to `paid`, in minor units.

    What was paid differs from the sum of the lines by taxes, discounts and earlier credit, which go by the share.
    """
    billed = sum(line.amount for line in invoice.lines)
    paid_elsewhere = [(line.start, line.end) for other in doubled for line in other.lines if line.amount > 0]
    spans = sorted([*paid_elsewhere, (at, END_OF_TIME)])
    left = sum((line.amount * _share_within(line, spans) for line in invoice.lines), start=Fraction())
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


def _share_within(line: InvoiceLine, spans: Iterable[Span]) -> Fraction:
    """How much of the time of a line is within any of the spans, which are in their order and may overlap."""
    length, within, seen_until = line.end - line.start, timedelta(), line.start
    for start, end in spans:
        begin, stop = max(start, seen_until), min(end, line.end)
        if begin < stop:
            within, seen_until = within + (stop - begin), stop
    return Fraction(within // TICK, length // TICK) if length else Fraction(0)
