"""What of a payment has not been used, and goes back: never more than was paid, in doubt to the reader."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.billing import money
from app.gateway.refunds import InvoiceLine, PaidInvoice, RefundableCharge
from app.terminations.proration import RefundPart, split, unused

START = datetime(2026, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)

moments = st.integers(-(10**8), 10**8).map(lambda seconds: START + timedelta(seconds=seconds))
lengths = st.integers(0, 10**8).map(lambda seconds: timedelta(seconds=seconds))
currencies = st.sampled_from(["eur", "jpy", "kwd", "isk"])


def line(amount: int, start: datetime = START, length: timedelta = MONTH) -> InvoiceLine:
    return InvoiceLine(amount, start, start + length)


def invoice(paid: int, *lines: InvoiceLine, currency: str = "eur") -> PaidInvoice:
    return PaidInvoice("in_1", currency, paid, lines)


any_lines = st.builds(line, st.integers(-(10**7), 10**7), moments, lengths)
charged_lines = st.builds(line, st.integers(0, 10**7), moments, lengths)


@st.composite
def invoices(draw: st.DrawFn, lines: st.SearchStrategy[InvoiceLine] = any_lines) -> PaidInvoice:
    currency = draw(currencies)
    paid = draw(st.integers(1, 10**7)) * money.step(currency)
    return invoice(paid, *draw(st.lists(lines, max_size=6)), currency=currency)


@pytest.mark.parametrize(
    ("days", "left"),
    [(-1, 3000), (0, 3000), (10, 2000), (15, 1500), (29, 100), (30, 0), (31, 0)],
)
def test_of_thirty_days_for_thirty_euros_a_day_is_worth_one(days: int, left: int) -> None:
    assert unused(invoice(3000, line(3000)), START + timedelta(days=days)) == left


def test_the_fraction_of_a_cent_is_the_readers() -> None:
    assert unused(invoice(1000, line(1000)), START + MONTH - timedelta(seconds=1)) == 1


def test_tax_and_discount_go_back_by_the_same_share() -> None:
    half = START + MONTH / 2
    assert unused(invoice(1190, line(1000)), half) == 595
    assert unused(invoice(500, line(1000)), half) == 250


def test_an_upgrade_within_the_period_is_worth_what_is_left_of_the_dearer_one() -> None:
    at, upgraded = START + MONTH * 3 / 4, START + MONTH / 2
    first = invoice(1000, line(1000))
    upgrade = invoice(500, line(-500, upgraded, MONTH / 2), line(1000, upgraded, MONTH / 2))
    assert unused(first, at) + unused(upgrade, at) == 500


def test_several_things_of_different_length_each_go_by_their_own_time() -> None:
    both = invoice(4600, line(1000), line(3600, length=12 * MONTH))
    assert unused(both, START + MONTH / 2) == 500 + 3450


def test_what_was_for_one_moment_only_is_used() -> None:
    assert unused(invoice(900, line(900, length=timedelta())), START - MONTH) == 0


def test_an_invoice_that_gave_credit_takes_nothing_away() -> None:
    assert unused(invoice(1, line(-1000), line(500)), START) == 0


@given(invoices(), moments)
def test_never_less_than_nothing_nor_more_than_was_paid_nor_what_stripe_cannot_count(
    each: PaidInvoice, at: datetime
) -> None:
    left = unused(each, at)
    assert 0 <= left <= each.paid
    assert left % money.step(each.currency) == 0


@given(invoices(charged_lines), moments, lengths)
def test_the_later_the_less(each: PaidInvoice, at: datetime, later: timedelta) -> None:
    assert unused(each, at + later) <= unused(each, at)


@given(invoices(charged_lines))
def test_all_comes_back_before_it_begins_and_nothing_after_it_ended(each: PaidInvoice) -> None:
    lasting = [part for part in each.lines if part.amount and part.end > part.start]
    everything = bool(lasting) and all(part in lasting for part in each.lines if part.amount)
    before = min((part.start for part in each.lines), default=START)
    after = max((part.end for part in each.lines), default=START)
    assert unused(each, after) == 0
    assert not everything or unused(each, before) == each.paid


def test_time_that_another_subscription_was_paid_for_as_well_counts_as_not_used() -> None:
    at = START + MONTH / 2
    both = invoice(3000, line(3000)), [invoice(3000, line(3000, START - timedelta(minutes=2)))]
    assert unused(both[0], at) == 1500
    # but for the last two minutes it is as long
    assert unused(both[0], at, both[1]) == 3000
    last_month = invoice(3000, line(3000, START - MONTH))
    assert unused(last_month, at, [invoice(3000, line(3000, START - MONTH))]) == 3000
    assert unused(last_month, at, [invoice(3000, line(3000))]) == 0


def test_who_lives_on_the_later_one_until_the_earlier_is_paid_again_has_that_month_back_and_no_more() -> None:
    year, last_month = invoice(12000, line(12000, length=12 * MONTH)), line(1000, START + 10 * MONTH)
    assert unused(year, START + 10 * MONTH + timedelta(days=1), [invoice(1000, last_month)]) == 2000


def test_credit_of_the_other_subscription_pays_for_no_time_and_what_overlaps_there_counts_once() -> None:
    other = invoice(1000, line(1000, length=MONTH / 2), line(-1000, length=MONTH), line(500, length=MONTH / 4))
    assert unused(invoice(3000, line(3000)), START + MONTH, [other]) == 1500


@given(invoices(charged_lines), moments, st.lists(invoices(charged_lines), max_size=3))
def test_what_was_paid_twice_adds_to_what_is_left_and_never_beyond_what_was_paid(
    each: PaidInvoice, at: datetime, doubled: list[PaidInvoice]
) -> None:
    assert unused(each, at) <= unused(each, at, doubled) <= each.paid


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), max_size=5))
def test_the_parts_make_up_the_whole_or_all_that_is_left(amount: int, refundable: list[int]) -> None:
    payments = [RefundableCharge(f"ch_{number}", left) for number, left in enumerate(refundable)]
    parts = split(amount, payments)
    assert sum(part.amount for part in parts) == min(amount, sum(refundable))
    left = {payment.charge: payment.refundable for payment in payments}
    assert all(0 < part.amount <= left[part.charge] for part in parts)
    assert len({part.charge for part in parts}) == len(parts)


def test_nothing_is_given_back_of_a_charge_that_went_back_already() -> None:
    assert split(500, [RefundableCharge("ch_1", 0), RefundableCharge("ch_2", 900)]) == [RefundPart("ch_2", 500)]


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1250, "eur", "€12.50"), (7, "gbp", "£0.07"), (500, "jpy", "JP¥500"), (12340, "kwd", "KWD12.340")],
)
def test_an_amount_in_words_has_the_digits_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert money.text(amount, currency) == text
