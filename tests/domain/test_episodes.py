"""One episode counts once: what somebody wrote before they were told of a strike counts as one with it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app import clock
from app.accounts import sanctions
from app.db import Database
from app.models import Comment, Decision, Item, Letter, Sanction, Statement, Strike
from app.models.role import MODERATOR
from app.moderation import appeals, casefile, decisions, previews, undo
from app.moderation.ladder import RISING, points_in_force
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.least_points import Told, least_points
from tests.support.moderating import Desk, rows

DAY = timedelta(days=1)


def remove(desk: Desk, comment: Comment, rule: str, action: str = "remove", **more: Any) -> Decision:
    return desk.decide(moderating.ask(desk.session, desk.house, comment), action, rule, **more)


def take_back(desk: Desk, decision: Decision) -> Decision:
    return undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")


def points(desk: Desk) -> int:
    return points_in_force(rows(desk.session, Strike, account_id=desk.author.id), clock.now())


def gravest(desk: Desk) -> str | None:
    """The kind of the gravest sanction that is not lifted, acknowledged or not."""
    kinds = [each.kind for each in rows(desk.session, Sanction, account_id=desk.author.id) if each.lifted_at is None]
    return max(kinds, key=RISING.index, default=None)


def statement_of(desk: Desk, decision: Decision) -> Statement:
    return desk.session.get_one(Statement, decision.statement_id)


def same_end(sanction: Sanction, ends: datetime | None) -> bool:
    """Whether it ends then, but for the moments that it took to decide twice."""
    return bool(sanction.ends_at and ends and abs(sanction.ends_at - ends) < timedelta(minutes=1))


def test_a_rage_of_ten_comments_is_one_threat_and_suspends_once(desk: Desk) -> None:
    comments = [desk.comment() for _ in range(10)]
    first = remove(desk, comments[0], "threat")
    ends = statement_of(desk, first).applies_until
    for comment in comments[1:]:
        decision = remove(desk, comment, "threat")
        assert statement_of(desk, decision).restrictions == ["visibility_removed"]
        assert "it adds nothing to that" in statement_of(desk, decision).text
    assert (points(desk), desk.standing()) == (6, "suspension")
    assert all(same_end(each, ends) for each in rows(desk.session, Sanction))


def test_what_is_written_after_they_were_told_counts_anew(desk: Desk) -> None:
    remove(desk, desk.comment(), "threat")
    decision = remove(desk, desk.comment(), "threat")
    assert (points(desk), desk.standing()) == (12, "ban")
    assert "account_terminated" in statement_of(desk, decision).restrictions
    assert "before you were told" not in statement_of(desk, decision).text


def test_an_edit_after_they_were_told_is_written_after_they_were_told(desk: Desk) -> None:
    first, second = desk.comment(), desk.comment()
    remove(desk, first, "threat")
    second.edited_at = clock.now()
    remove(desk, second, "threat")
    assert points(desk) == 12


def test_the_gravest_of_an_episode_counts_whatever_the_order(desk: Desk) -> None:
    first, second, third = (desk.comment() for _ in range(3))
    remove(desk, first, "respect")
    assert (points(desk), desk.standing()) == (2, "warning")
    raised = remove(desk, second, "threat")
    assert (points(desk), desk.standing()) == (6, "suspension")
    assert "both count as the graver" in statement_of(desk, raised).text
    remove(desk, third, "hate")
    assert (points(desk), desk.standing()) == (6, "suspension")


def test_a_warning_that_was_acknowledged_is_not_given_again_for_the_same_episode(desk: Desk) -> None:
    first, second = desk.comment(), desk.comment()
    remove(desk, first, "respect")
    (warning,) = rows(desk.session, Sanction)
    sanctions.acknowledge(desk.session, desk.author, warning.id)
    remove(desk, second, "respect")
    assert desk.standing() == "good"


def test_a_moderators_own_sanction_holds_in_an_episode_too(desk: Desk) -> None:
    first, second = desk.comment(), desk.comment()
    remove(desk, first, "respect")
    decision = remove(desk, second, "respect", "suspend", days=3)
    assert (points(desk), desk.standing()) == (2, "suspension")
    assert "account_suspended" in statement_of(desk, decision).restrictions


@pytest.mark.parametrize("which", [0, 1])
def test_whichever_of_two_is_undone_the_other_leads_to_as_much(desk: Desk, which: int) -> None:
    comments = [desk.comment(), desk.comment()]
    made = [remove(desk, comment, "threat") for comment in comments]
    ends = statement_of(desk, made[0]).applies_until
    take_back(desk, made[which])
    assert (points(desk), desk.standing()) == (6, "suspension")
    assert [same_end(each, ends) for each in rows(desk.session, Sanction) if each.lifted_at is None] == [True]
    take_back(desk, made[1 - which])
    assert (points(desk), desk.standing()) == (0, "good")


def test_when_the_gravest_is_undone_the_next_counts(desk: Desk) -> None:
    first, second = desk.comment(), desk.comment()
    remove(desk, first, "respect")
    threat = remove(desk, second, "threat")
    take_back(desk, threat)
    assert (points(desk), desk.standing()) == (2, "warning")


def test_a_ban_that_rests_on_an_earlier_strike_falls_with_it(desk: Desk) -> None:
    first = remove(desk, desk.comment(), "threat")
    remove(desk, desk.comment(), "threat")
    assert desk.standing() == "ban"
    take_back(desk, first)
    assert (points(desk), desk.standing()) == (6, "suspension")
    assert not rows(desk.session, Item, kind="account")


def test_what_the_moderator_chose_is_left_when_the_ladder_asks_for_less(desk: Desk) -> None:
    first = remove(desk, desk.comment(), "threat")
    remove(desk, desk.comment(), "threat", "suspend", days=30)
    assert desk.standing() == "ban"
    take_back(desk, first)
    (left,) = [each for each in rows(desk.session, Sanction) if each.lifted_at is None and each.source == "moderator"]
    assert left.ends_at is not None
    assert (desk.standing(), left.ends_at - left.starts_at > 29 * DAY) == ("suspension", True)


def test_what_a_moderator_lifted_no_other_comment_of_the_episode_brings_back(desk: Desk) -> None:
    first, second = desk.comment(), desk.comment()
    remove(desk, first, "threat")
    lifted = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "They apologised.")
    remove(desk, second, "threat")
    assert desk.standing() == "good"
    take_back(desk, lifted)
    assert desk.standing() == "suspension"


def test_a_lift_that_is_undone_brings_back_what_the_strikes_that_stand_lead_to(desk: Desk) -> None:
    first = remove(desk, desk.comment(), "threat")
    second = remove(desk, desk.comment(), "threat")
    assert desk.standing() == "ban"
    lifted = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "The wrong reader.")
    take_back(desk, first)
    signed_in = desk.author.session_epoch
    take_back(desk, lifted)
    assert (points(desk), desk.standing()) == (6, "suspension")
    assert desk.author.session_epoch == signed_in
    again = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "They apologised.")
    take_back(desk, again)
    ends = second.created_at + 7 * DAY
    assert [same_end(each, ends) for each in rows(desk.session, Sanction) if each.lifted_at is None] == [True]


def test_two_newspapers_tell_one_reader_of_one_episode(desk: Desk) -> None:
    elsewhere = factories.story(desk.session, factories.site(desk.session))
    first, second = desk.comment(), factories.comment(desk.session, elsewhere, desk.author)
    remove(desk, first, "threat")
    remove(desk, second, "threat")
    assert (points(desk), desk.standing()) == (6, "suspension")


def test_names_that_were_taken_before_they_were_told_are_of_the_episode(desk: Desk) -> None:
    comment = desk.comment()
    remove(desk, comment, "honesty")
    item = moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id)
    desk.decide(item, "reset_name", "honesty")
    assert points(desk) == 2


# random orders of decisions, undos and appeals

POINTS = {"topic": 1, "respect": 2, "hate": 4, "threat": 6}
ACTIONS = ("remove", "remove", "remove", "remove_only", "warn")
LADDER = ((12, "ban"), (8, "suspension"), (4, "suspension"), (2, "warning"))


@dataclass
class Breach:
    """A decision as the model remembers it."""

    decision: Decision
    written: datetime
    told: datetime
    points: int
    chosen: str | None
    stands: bool = True


def folded(breaches: list[Breach]) -> tuple[int, str | None]:
    """Points, and the gravest sanction, that the breaches which stand lead to, one after the other."""
    told: list[Told] = []
    kinds = []
    total = 0
    for breach in breaches:
        kinds.append(breach.chosen)
        if not breach.points:
            continue
        told.append(Told(breach.written, breach.told, breach.points))
        total = least_points(told)
        kinds.append(next((kind for least, kind in LADDER if total >= least), None))
    return total, max(filter(None, kinds), key=RISING.index, default=None)


@dataclass
class Story:
    """What somebody writes, and what moderators decide, take back and are told is wrong."""

    desk: Desk
    undecided: list[Comment] = field(default_factory=list)
    made: list[Breach] = field(default_factory=list)
    lifted: Decision | None = None

    def write(self, _which: int, _rule: str, _action: str) -> None:
        self.undecided.append(self.desk.comment())

    def decide(self, which: int, rule: str, action: str) -> None:
        if not self.undecided:
            return
        desk, comment = self.desk, self.undecided.pop(which % len(self.undecided))
        item = moderating.ask(desk.session, desk.house, comment)
        foreseen = previews.effects(casefile.read(desk.session, desk.moderator, item.id), desk.house.at({}))[rule][
            action
        ]
        decision = desk.decide(item, action, rule)
        assert statement_of(desk, decision).restrictions == foreseen.restrictions
        points = 0 if action == "remove_only" else POINTS[rule]
        chosen = "warning" if action == "warn" else None
        self.made.append(Breach(decision, comment.created_at, decision.created_at, points, chosen))

    def undo(self, which: int, _rule: str, _action: str) -> None:
        left = [breach for breach in self.made if breach.stands]
        if left:
            breach = left[which % len(left)]
            take_back(self.desk, breach.decision)
            breach.stands = False

    def appeal(self, which: int, _rule: str, _action: str) -> None:
        left = [breach for breach in self.made if breach.stands]
        if not left:
            return
        desk, breach = self.desk, left[which % len(left)]
        assert breach.decision.statement_id
        appeal = appeals.file(desk.session, desk.house, desk.author.id, breach.decision.statement_id, "It was fair.")
        (item,) = rows(desk.session, Item, kind="appeal", subject_id=appeal.id)
        second = moderating.identity_of(desk.session, factories.staff(desk.session, MODERATOR))
        desk.decide(item, "overturn", None, "So it was.", by=second)
        breach.stands = False

    def lift(self, _which: int, _rule: str, _action: str) -> None:
        """What they are under ends, or that is taken back: then it is as if it had never been lifted."""
        desk, self.lifted, lifted = self.desk, None, self.lifted
        if lifted is not None:
            take_back(desk, lifted)
        elif desk.standing() in ("suspension", "ban"):
            self.lifted = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "Enough.")


ACTS = (Story.write, Story.write, Story.decide, Story.decide, Story.decide, Story.undo, Story.appeal, Story.lift)
moves = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 5), st.sampled_from(sorted(POINTS)), st.sampled_from(ACTIONS)),
    min_size=4,
    max_size=14,
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@hypothesis(max_examples=30)
@given(moves)
def test_points_and_sanction_are_the_fold_of_the_decisions_that_stand(
    database: Database, settings: Settings, house: HouseRules, moves: list[tuple[Any, int, str, str]]
) -> None:
    with database.transaction() as session:
        story = Story(moderating.open_desk(session, settings, house))
        for act, which, rule, action in [*moves, (Story.lift, 0, "", "")]:
            act(story, which, rule, action)
            session.expire_all()
            left = [breach for breach in story.made if breach.stands]
            assert points(story.desk) == folded(left)[0]
            assert story.lifted or gravest(story.desk) == folded(left)[1]
        assert len(rows(session, Letter)) >= len(story.made)
        session.rollback()
