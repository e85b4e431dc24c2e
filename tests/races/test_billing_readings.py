"""What Stripe's objects mean for who may write: one short history each, and the line of the table that comes of it."""

from itertools import product

import pytest

from tests.support.billing_proof import Proof
from tests.support.schedules import Change, Plan
from tests.support.stripe_changes import BEGINNINGS, VERBS

# the subscriptions 0 and 2 are of one customer; a history is what happens to them, in turn
HISTORIES: list[tuple[str, str, list[str | tuple[int, str]]]] = [
    ("a switch that is voided leaves the paid month", "active", ["begins", "switch voided"]),
    ("a switch that is written off leaves the paid month", "active", ["begins", "switch written off"]),
    (
        "a switch for nothing does not pay a month that was written off",
        "unpaid",
        ["begins", "renewal failed", "period written off", "plan switched for nothing"],
    ),
    ("a first debit is awaited", "incomplete", ["first debit begins"]),
    ("the debit after a trial is awaited", "incomplete", ["trial begins", "debit begun"]),
    ("the debit after a free month is awaited", "incomplete", ["free month begins", "debit begun"]),
    (
        "a switch for nothing does not pay a debit that is awaited",
        "incomplete",
        ["first debit begins", "plan switched for nothing"],
    ),
    ("a pause does not pay a debit that is awaited", "incomplete", ["first debit begins", "paused as draft"]),
    ("a debit that has arrived counts", "active", ["first debit begins", "debit arrived"]),
    ("a debit of who has paid before is not waited for", "active", ["begins", "debit begun"]),
    ("a bill gives time", "active", ["first bill sent"]),
    (
        "a free month after a bill never falls due",
        "active",
        ["first bill sent", "renewed for nothing", "bill fell due"],
    ),
    ("a bill that falls due has its days of grace", "past_due_grace", ["begins", "bill sent", "bill fell due"]),
    (
        "a renewal that is charged again after a bill has its days of grace from its failure",
        "past_due_grace",
        ["begins", "bill sent", "renewal failed"],
    ),
    ("a debit that bounces has its days of grace", "past_due_grace", ["begins", "debit begun", "debit bounced"]),
    (
        "a renewal that fails while an older invoice is open has its days of grace",
        "past_due_grace",
        ["begins", "renewal failed", "active", "debit begun", "debit bounced"],
    ),
    ("who never paid has no grace when a debit bounces", "past_due", ["first debit begins", "debit bounced"]),
    ("who never paid has no grace after a trial", "past_due", ["trial begins", "renewal failed"]),
    ("who never paid has no grace for a bill", "past_due", ["first bill sent", "bill fell due"]),
    ("a free month is no payment", "refunded", ["begins", "refunded", "renewed for nothing"]),
    (
        "eleven switches for nothing are no payment",
        "refunded",
        ["begins", "refunded", *["plan switched for nothing"] * 11],
    ),
    ("the next payment counts", "active", ["begins", "refunded", "renewed"]),
    ("the smaller of two payments is not all", "active", ["begins", "renewed in two payments", "refunded"]),
    (
        "a feature counts for the subscription that carries it",
        "refunded",
        ["begins", "bundle taken", "refunded", (2, "begins"), (2, "product exchanged")],
    ),
    (
        "a feature of a payment that is disputed does not come with another product",
        "dispute",
        ["begins", "bundle taken", "disputed", (2, "begins"), (2, "product exchanged")],
    ),
    (
        "a feature whose invoices are voided does not come with another product",
        "collection_paused",
        [
            "begins",
            "bundle taken",
            "renewal failed",
            "paused as void",
            "period voided",
            (2, "begins"),
            (2, "product exchanged"),
        ],
    ),
    ("a feature lets write", "active", ["begins", "bundle taken"]),
    (
        "a debit that arrives after the money of a switch is the latest payment",
        "refunded",
        ["first debit begins", "plan switched for money", "debit arrived", "refunded"],
    ),
    ("a free month that nothing went before lets write", "active", ["free month begins"]),
    (
        "a month that was written off is not paid by a year of something else",
        "unpaid",
        ["begins", "item added", "renewal failed", "period written off", "year renewed"],
    ),
    (
        "a month that failed is not paid by a year of something else",
        "past_due_grace",
        ["begins", "item added", "renewal failed", "year renewed"],
    ),
    ("a month is paid whatever becomes of a year", "active", ["begins", "item added", "year failed", "year voided"]),
    ("a month is paid while a year fails", "active", ["begins", "item added", "year failed"]),
    ("a month is paid though a year was given back", "active", ["begins", "item added", "refunded"]),
    (
        "a month that was given back is not paid by the next year",
        "refunded",
        ["begins", "item added", "renewed", "refunded", "year renewed"],
    ),
    (
        "a month beside a year that was given back is not paid by a change of plan",
        "refunded",
        ["begins", "item added", "renewed", "refunded", "plan switched for money"],
    ),
    (
        "a month beside a year for which a change of plan alone was paid is judged by that",
        "refunded",
        ["free month begins", "item added", "plan switched for money", "refunded", "year renewed"],
    ),
]
# the same, at the site that sells what is added by the year
OF_THE_YEAR: list[tuple[str, str, list[str | tuple[int, str]]]] = [
    (
        "a year that was written off is not paid by the next month",
        "unpaid",
        ["begins", "item added", "year failed", "year written off", "renewed"],
    ),
    (
        "a year that failed is not paid by the next month",
        "past_due_grace",
        ["begins", "item added", "year failed", "renewed"],
    ),
    (
        "a year that was paid late is paid",
        "active",
        ["begins", "item added", "year failed", "renewed", "year paid late"],
    ),
    (
        "a year is paid whatever becomes of a month",
        "active",
        ["begins", "item added", "renewal failed", "period written off"],
    ),
    ("a year is paid while a month fails", "active", ["begins", "item added", "renewal failed"]),
    (
        "of two items that are sold the one that is paid will do",
        "active",
        ["begins", "item added", "product exchanged", "year failed", "year written off"],
    ),
    ("a year is paid while a month's debit is under way", "active", ["begins", "item added", "debit begun"]),
    ("a year is paid though a month was given back", "active", ["begins", "item added", "renewed", "refunded"]),
    (
        "a year that was given back is not paid by the next month",
        "refunded",
        ["begins", "item added", "refunded", "renewed"],
    ),
    ("the next year that is paid counts", "active", ["begins", "item added", "refunded", "year renewed"]),
]


def plan_of(history: list[str | tuple[int, str]]) -> Plan:
    told = [(0, each) if isinstance(each, str) else each for each in history]
    return Plan(tuple(Change(*each) for each in told), workers=1, order=bytes(range(64)))


@pytest.mark.parametrize(("_words", "line", "history"), HISTORIES, ids=[each[0] for each in HISTORIES])
def test_a_history_is_read_as_it_is_meant(
    proof: Proof, _words: str, line: str, history: list[str | tuple[int, str]]
) -> None:
    proof.play(plan_of(history))
    assert proof.entitlement(proof.faithful).reason == line


@pytest.mark.parametrize(("_words", "line", "history"), OF_THE_YEAR, ids=[each[0] for each in OF_THE_YEAR])
def test_a_history_of_a_year_beside_a_month_is_read_as_it_is_meant(
    proof: Proof, _words: str, line: str, history: list[str | tuple[int, str]]
) -> None:
    proof.play(plan_of(history))
    assert proof.entitlement(proof.faithful, proof.other_site).reason == line


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "beginning", [["begins"], ["begins", "item added"], *([each] for each in BEGINNINGS)], ids=", ".join
)
def test_every_history_of_a_beginning_and_two_changes_is_read_as_it_is_meant(
    proof: Proof, beginning: list[str | tuple[int, str]]
) -> None:
    """Whatever the words of the table make of it."""
    for changes in product(VERBS, VERBS):
        proof.play(plan_of([*beginning, *changes]))
    print(f"{beginning}: {len(VERBS) ** 2} histories, wrong=0")
