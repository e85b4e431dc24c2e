"""Undo: whatever was decided and undone in whatever order, the state is what the decisions that stand amount to."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock
from app.accounts import names, standing
from app.db import Database
from app.errors import Conflict
from app.models import Comment, Decision, Item, LedgerEntry, Report, Sanction, Story, Strike
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.role import EDITOR, MODERATOR
from app.moderation import decisions, undo
from app.moderation.fold import DecisionStep, state_after
from app.moderation.ladder import points_in_force
from app.stories import publication
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows

STRIKES = ("remove", "warn", "suspend", "ban")
GAVE = {"approve": PUBLISHED} | dict.fromkeys(("remove_only", *STRIKES), REMOVED)


def take_back(desk: Desk, decision: Decision, by: Any = None) -> Decision:
    return undo.undo(desk.session, desk.house, by or desk.moderator, decision.id, "A mistake.")


def situation(desk: Desk) -> dict[str, Any]:
    """All that a decision may change, as rows say it."""
    desk.session.flush()
    desk.session.expire_all()
    return {
        "comments": {c.id: (c.state, c.reply_count) for c in rows(desk.session, Comment)},
        "stories": {s.id: s.comment_count for s in rows(desk.session, Story)},
        "standing": desk.standing(),
        "points": points_in_force(rows(desk.session, Strike), clock.now()),
        "reports": [r.outcome for r in rows(desk.session, Report)],
        "name": desk.author.name,
    }


def test_a_reader_and_a_moderator_of_another_site_find_nothing_to_undo(desk: Desk) -> None:
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove")
    elsewhere = factories.staff(desk.session, MODERATOR, at=factories.site(desk.session))
    for somebody in (desk.author, elsewhere):
        with refused("not_found"):
            take_back(desk, decision, by=moderating.identity_of(desk.session, somebody))


@pytest.mark.parametrize("state", [PUBLISHED, HELD])
@pytest.mark.parametrize("action", ["approve", "remove", "warn", "suspend", "ban"])
def test_undoing_the_last_decision_restores_every_row_it_touched(desk: Desk, state: str, action: str) -> None:
    comment = desk.comment(state)
    item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session))
    before = situation(desk)
    decision = desk.decide(item, action, "threat", days=9)
    assert situation(desk) != before
    take_back(desk, decision)
    assert situation(desk) == before


def test_undoing_gives_the_name_back(desk: Desk) -> None:
    item = moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id)
    before = situation(desk)
    decision = desk.decide(item, "reset_name", "honesty")
    assert situation(desk)["name"] != before["name"]
    take_back(desk, decision)
    assert situation(desk) == before


def test_undoing_gives_no_name_back_that_another_decision_took(desk: Desk) -> None:
    def reset() -> Decision:
        item = moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id)
        return desk.decide(item, "reset_name", "topic")

    first = reset()
    desk.author.name_changed_at = None
    names.change(desk.session, desk.house, desk.author.id, "A worse name", [])
    reset()
    neutral = desk.author.name
    take_back(desk, first)
    assert desk.author.name == neutral


def test_undoing_an_approval_brings_the_machines_sanction_back(desk: Desk) -> None:
    desk.house = moderating.with_severe(desk.house, "suspend")
    item, _ = moderating.withhold(desk.session, desk.house, desk.comment(HELD))
    before = situation(desk)
    assert before["standing"] == "suspension"
    decision = desk.decide(item, "approve", None)
    assert situation(desk)["standing"] == "good"
    take_back(desk, decision)
    assert situation(desk) == before


def test_undoing_asks_the_question_again(desk: Desk) -> None:
    item = moderating.report(desk.session, desk.house, desk.comment(), factories.account(desk.session))
    take_back(desk, desk.decide(item, "remove"))
    assert item.state == "closed"
    (again,) = rows(desk.session, Item, state="open")
    assert (again.subject_id, again.reasons, again.report_count) == (item.subject_id, ["undone"], 1)
    assert [report.item_id for report in rows(desk.session, Report)] == [again.id]


def test_a_second_undo_is_refused(desk: Desk) -> None:
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove")
    take_back(desk, decision)
    with refused("already_undone", Conflict):
        take_back(desk, decision)


def test_an_undo_and_the_machines_decision_cannot_be_undone(desk: Desk) -> None:
    item, withheld = moderating.withhold(desk.session, desk.house, desk.comment())
    undone = take_back(desk, desk.decide(item, "approve", None))
    for decision in (withheld, undone):
        with refused("not_undoable", Conflict):
            take_back(desk, decision)


def test_nobody_undoes_a_decision_about_themselves(desk: Desk) -> None:
    author = factories.staff(desk.session, MODERATOR)
    comment = factories.comment(desk.session, desk.story, author)
    editor = moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR))
    decision = desk.decide(moderating.ask(desk.session, desk.house, comment), "remove", "topic", by=editor)
    with refused("own_case"):
        take_back(desk, decision, by=moderating.identity_of(desk.session, author))


def test_what_its_author_took_back_stays_gone(desk: Desk) -> None:
    comment = desk.comment()
    decision = desk.decide(moderating.ask(desk.session, desk.house, comment), "remove")
    publication.set_state(desk.session, comment, DELETED)
    take_back(desk, decision)
    assert comment.state == DELETED


def test_undoing_is_on_record(desk: Desk) -> None:
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove")
    undone = take_back(desk, decision)
    assert (undone.undoes_id, undone.actor_id) == (decision.id, desk.moderator.account_id)
    (entry,) = rows(desk.session, LedgerEntry, action="comment.undo")
    assert entry.details["undoes"] == str(decision.id)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([], PUBLISHED, id="nothing decided, nothing changed"),
        pytest.param([DecisionStep(HELD, PUBLISHED, True)], PUBLISHED, id="one decision stands"),
        pytest.param([DecisionStep(HELD, PUBLISHED, False)], HELD, id="without it the comment is as it found it"),
        pytest.param(
            [DecisionStep(PUBLISHED, REMOVED, False), DecisionStep(REMOVED, PUBLISHED, True)],
            PUBLISHED,
            id="an earlier one undone leaves a later one in force",
        ),
        pytest.param(
            [DecisionStep(PUBLISHED, REMOVED, False), DecisionStep(REMOVED, PUBLISHED, False)],
            PUBLISHED,
            id="both undone lead back to the beginning, not to the one between",
        ),
        pytest.param(
            [DecisionStep(PUBLISHED, REMOVED, False), DecisionStep(REMOVED, None, True)],
            PUBLISHED,
            id="a decision that left the comment alone does not keep it removed",
        ),
        pytest.param(
            [DecisionStep(HELD, PUBLISHED, True), DecisionStep(WITHHELD, PUBLISHED, False)],
            WITHHELD,
            id="what an edit led to between two decisions is not reverted",
        ),
    ],
)
def test_the_fold_of_decisions(steps: list[DecisionStep], expected: str) -> None:
    now = steps[-1].gave or steps[-1].found if steps else PUBLISHED
    assert state_after(steps, now) == expected


def test_the_fold_leaves_alone_what_happened_after_the_last_decision() -> None:
    assert state_after([DecisionStep(HELD, PUBLISHED, False)], WITHHELD) == WITHHELD


@dataclass
class Made:
    """One decision as the test remembers it."""

    decision: Decision
    subject: int | None
    action: str
    stands: bool = True


@dataclass
class Shift:
    """A moderator's shift over a few comments of one author, and what it should have led to."""

    desk: Desk
    comments: list[Comment]
    begun: dict[int, str]
    made: list[Made] = field(default_factory=list)

    def decide(self, which: int, action: str) -> None:
        comment = self.comments[which]
        desk = self.desk
        item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session))
        self._add(desk.decide(item, action, "topic", days=2), comment.id, action)

    def detect(self, which: int, _action: str) -> None:
        comment, desk = self.comments[which], self.desk
        _, decision = moderating.withhold(desk.session, desk.house, comment)
        self._add(decision, comment.id, "withhold")

    def lift(self, _which: int, _action: str) -> None:
        desk = self.desk
        try:
            decision = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "Enough.")
        except Conflict:
            return
        self._add(decision, None, "lift")

    def undo(self, which: int, _action: str) -> None:
        if self.made:
            made = self.made[which % len(self.made)]
            try:
                take_back(self.desk, made.decision)
            except Conflict:
                assert not made.stands or made.action == "withhold"
            else:
                made.stands = False

    def _add(self, decision: Decision, subject: int | None, action: str) -> None:
        self.made.append(Made(decision, subject, action))

    def state_of(self, comment_id: int) -> str:
        state = self.begun[comment_id]
        for made in self.made:
            if made.subject == comment_id and made.stands:
                state = WITHHELD if made.action == "withhold" else GAVE[made.action]
        return state

    def holds(self, sanction: Sanction) -> bool:
        place = next(i for i, made in enumerate(self.made) if made.decision.id == sanction.decision_id)
        imposed = self.made[place]
        later = [made for made in self.made[place + 1 :] if made.stands]
        lifted = any(made.action == "lift" for made in later) and sanction.kind != "warning"
        settled = sanction.source == "machine" and any(
            made.subject == imposed.subject and made.action in GAVE for made in later
        )
        return imposed.stands and not lifted and not settled


ACTS = (Shift.decide, Shift.decide, Shift.undo, Shift.undo, Shift.detect, Shift.lift)
moves = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.sampled_from(sorted(GAVE))), min_size=1, max_size=9
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@hypothesis(max_examples=25)
@given(moves)
def test_the_state_is_the_fold_of_the_decisions_that_stand(
    database: Database, settings: Settings, house: HouseRules, moves: list[tuple[Any, int, str]]
) -> None:
    with database.transaction() as session:
        desk = moderating.open_desk(session, settings, moderating.with_severe(house, "suspend"))
        comments = [desk.comment(state) for state in (PUBLISHED, HELD, PUBLISHED)]
        shift = Shift(desk, comments, {comment.id: comment.state for comment in comments})
        for act, which, action in moves:
            act(shift, which, action)
            session.expire_all()
            agree(shift)
        session.rollback()


def agree(shift: Shift) -> None:
    session, author = shift.desk.session, shift.desk.author
    for comment in shift.comments:
        assert comment.state == shift.state_of(comment.id)
    published = select(func.count()).select_from(Comment).where(Comment.state == PUBLISHED)
    assert shift.desk.story.comment_count == session.scalar(published)
    strikes = rows(session, Strike, account_id=author.id)
    counted = [made for made in shift.made if made.stands and made.action in STRIKES]
    # all were written before their author was told of any: one episode, of which each gives a point
    assert points_in_force(strikes, clock.now()) == bool(counted)
    sanctions = rows(session, Sanction, account_id=author.id)
    held = [sanction for sanction in sanctions if shift.holds(sanction)]
    assert {s.id for s in sanctions if s.lifted_at is None} == {s.id for s in held}
    assert shift.desk.standing() == standing.of(held, clock.now()).kind
    assert all((made.decision.statement_id is None) == (made.action in ("approve", "lift")) for made in shift.made)
    answers = {made.decision.item_id: made for made in shift.made if made.stands and made.action in GAVE}
    for report in rows(session, Report):
        answer = answers.get(report.item_id)
        expected = "waiting" if answer is None else "dismissed" if answer.action == "approve" else "upheld"
        assert report.outcome == expected
