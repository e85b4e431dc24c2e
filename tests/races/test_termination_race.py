"""A termination is proposed, approved, begun and its ban lifted by several at the same moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.accounts.identity import Identity
from app.db import Database, retrying
from app.errors import Refusal
from app.gateway.client import connect
from app.models import Item, Job, Termination
from app.models.termination import APPROVED, DONE, METHODS, WITHDRAWN
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.terminations import approval
from app.terminations import execution as carrying_out
from app.terminations.approval import ProposedEnd
from config.policy import HouseRules
from config.settings import Settings
from tests.support import moderating
from tests.support.assembled import assembled
from tests.support.ending import REASON, Ending, prepared
from tests.support.paper import living_paper
from tests.support.together import at_once

AT_ONCE = 6


@pytest.fixture
def ending(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Ending]:
    with living_paper(settings, house, database, tmp_path) as paper:
        yield prepared(paper)


def moderators(it: Ending, number: int) -> list[Identity]:
    with it.paper.database.transaction() as session:
        return [moderating.moderator(session) for _ in range(number)]


def test_of_many_proposals_one_lives(ending: Ending) -> None:
    it, who = ending.paper, moderators(ending, AT_ONCE)

    @retrying
    def propose(number: int) -> str:
        end = ProposedEnd(it.reader.id, ending.subscription, METHODS[number % 2], REASON)
        try:
            with it.database.transaction() as session:
                approval.propose(session, it.house, who[number], end)
        except Refusal as refusal:
            return refusal.code
        return "proposed"

    assert sorted(at_once(propose, AT_ONCE)) == ["already_proposed"] * (AT_ONCE - 1) + ["proposed"]
    with it.database.reading() as session:
        assert len(moderating.rows(session, Termination)) == 1
        assert len(moderating.rows(session, Item, kind="payment", state="open")) == 1


def test_of_approvals_and_refusals_the_first_counts(ending: Ending) -> None:
    it, who = ending.paper, moderators(ending, AT_ONCE)
    with it.database.transaction() as session:
        end = ProposedEnd(it.reader.id, ending.subscription, METHODS[0], REASON)
        approval.propose(session, it.house, ending.first, end)
        (item,) = moderating.rows(session, Item, kind="payment")

    @retrying
    def decide(number: int) -> str:
        action = ("approve", "refuse")[number % 2]
        try:
            with it.database.transaction() as session:
                decisions.decide(session, it.house, who[number], Intent(item.id, item.revision, action))
        except Refusal as refusal:
            return refusal.code
        return action

    answers = sorted(at_once(decide, AT_ONCE))
    assert answers.count("stale") == AT_ONCE - 1
    with it.database.reading() as session:
        jobs = moderating.rows(session, Job, kind=approval.TERMINATE)
    assert len(jobs) == (ending.row().state == APPROVED) == ("approve" in answers)


def test_a_ban_that_is_lifted_as_it_begins_stops_it_wholly_or_not_at_all(ending: Ending) -> None:
    it, case = ending.paper, ending.approved()

    @retrying
    def act(number: int) -> None:
        if number:
            carrying_out.carry_out(assembled(it.settings, it.house, it.database, stripe=connect(it.settings)), case)
            return
        with it.database.transaction() as session:
            decisions.lift(session, it.house, ending.first, it.reader.id, "They apologised.")

    at_once(act, 2)
    row = ending.row()
    carried_out = row.begun_at is not None
    assert row.state == (DONE if carried_out else WITHDRAWN)
    assert (ending.cancellations(), len(ending.refunds()), len(ending.letters())) == (carried_out,) * 3
