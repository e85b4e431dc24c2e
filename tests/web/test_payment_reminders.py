"""A letter to whoever has to see to an unpaid invoice: once for each, and not while they are still about it."""

from datetime import timedelta

import pytest

from app import clock
from app.billing import reminders
from app.billing.entitlement import Reason
from app.simulator import lifecycle
from tests.support import factories
from tests.support.paper import Paper
from tests.support.told_by_stripe import at_stripe, begin, hear, reminders_to

NEEDS_ITS_BANK = "4000002760003184"
FAILS = "4000000000000341"


def test_each_failed_invoice_brings_one_letter_whatever_is_told_of_it_how_often(paper: Paper) -> None:
    paper.control("knobs", double_percent=100, form=2)
    identifier = begin(paper)
    for expected in (1, 2):
        paper.control(f"subscriptions/{identifier}/fail")
        hear(paper)
        with paper.simulated.transaction():
            lifecycle.changed(paper.simulated, at_stripe(paper, identifier))
        hear(paper)
        assert reminders_to(paper) == expected


def test_a_banned_reader_is_written_to_as_well(paper: Paper) -> None:
    identifier = begin(paper)
    with paper.database.transaction() as session:
        factories.sanction(session, paper.reader, "ban", at=paper.site)
    paper.control(f"subscriptions/{identifier}/fail")
    hear(paper)
    assert (paper.entitlement().reason, reminders_to(paper)) == (Reason.BANNED, 1)


def test_the_letter_leads_to_the_page_of_the_subscription(paper: Paper) -> None:
    paper.control(f"subscriptions/{begin(paper)}/fail")
    hear(paper)
    (letter,) = (paper.settings.var / "letters").glob("*.eml")
    assert f"{paper.settings.public_url}/subscription" in letter.read_text()


@pytest.mark.parametrize("number", [NEEDS_ITS_BANK, FAILS])
def test_who_has_just_begun_is_written_to_only_after_an_hour(paper: Paper, number: str) -> None:
    begin(paper, number)
    assert (paper.entitlement().reason, reminders_to(paper)) == (Reason.INCOMPLETE, 0)
    with clock.pretend(clock.now() + reminders.TIME_FOR_FIRST_PAYMENT + timedelta(minutes=1)):
        for _ in range(2):
            paper.work()
    assert reminders_to(paper) == 1


def test_who_answers_their_bank_in_time_gets_no_letter(paper: Paper) -> None:
    identifier = begin(paper, NEEDS_ITS_BANK)
    paper.control(f"subscriptions/{identifier}/pay")
    hear(paper)
    with clock.pretend(clock.now() + reminders.TIME_FOR_FIRST_PAYMENT + timedelta(minutes=1)):
        paper.work()
    assert (paper.entitlement().reason, reminders_to(paper)) == (Reason.ACTIVE, 0)
