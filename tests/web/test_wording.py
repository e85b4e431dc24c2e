"""The desk has words for every code that can come to it."""

from collections.abc import Iterable, Mapping

import pytest

from app.accounts import standing
from app.models import comment, report, sanction, termination
from app.models.decision import FREE
from app.moderation import actions
from app.web.desk import wording

TERMINATION_STATES = (
    termination.PROPOSED,
    termination.APPROVED,
    termination.REFUSED,
    termination.WITHDRAWN,
    termination.DONE,
    termination.FAILED,
)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (wording.COMMENT_STATES, comment.STATES),
        (wording.REPORT_OUTCOMES, (report.WAITING, report.UPHELD, report.DISMISSED)),
        (wording.SANCTIONS, (sanction.WARNING, sanction.SUSPENSION, sanction.BAN)),
        (wording.SANCTION_SOURCES, sanction.SOURCES),
        (wording.STANDINGS, (standing.GOOD, sanction.WARNING, sanction.SUSPENSION, sanction.BAN)),
        (wording.TERMINATION_METHODS, (*termination.METHODS, termination.PAID_TWICE)),
        (wording.TERMINATION_STATES, TERMINATION_STATES),
    ],
)
def test_every_code_of_a_closed_list_has_words_and_there_are_no_others(
    words: Mapping[str, str], codes: Iterable[str]
) -> None:
    assert set(words) == set(codes)


def test_every_action_has_a_button_and_is_told_when_it_is_done() -> None:
    possible = set(actions.ACTIONS)
    assert possible <= wording.ACTIONS.keys()
    assert possible | set(FREE) <= wording.DONE.keys()


def test_a_code_without_words_speaks_for_itself() -> None:
    assert wording.subscription_state("incomplete") == "incomplete"
