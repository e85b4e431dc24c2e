"""Labels: whatever people decided on a comment, the final word counts."""

from app.models import Comment, Decision, Item
from app.models.comment import HELD, PUBLISHED, WITHHELD
from app.moderation import appeals, notices, undo
from app.moderation.notices import Told
from app.screening import enforcement
from app.thresholds.comments import FoundComment, add_decisions
from app.thresholds.labels import Label, final_word
from tests.support import factories, moderating
from tests.support.moderating import Desk, rows


def label(desk: Desk, comment: Comment) -> Label | None:
    """What the evaluation reads about a comment."""
    desk.session.flush()
    found = FoundComment(comment.id, comment.state, comment.revision)
    add_decisions(desk.session, {comment.id: found})
    return final_word(found.steps)


def held(desk: Desk) -> tuple[Comment, Item]:
    comment = desk.comment(HELD)
    return comment, moderating.ask(desk.session, desk.house, comment)


def withheld(desk: Desk) -> tuple[Comment, Item, Decision]:
    comment, item = held(desk)
    decision = enforcement.enforce(desk.session, desk.house, comment, moderating.SEVERE, item.id)
    desk.session.flush()
    return comment, item, decision


def appeal(desk: Desk, decision: Decision, action: str) -> None:
    assert decision.statement_id
    appeals.file(desk.session, desk.house, desk.author.id, decision.statement_id, "I was quoting.")
    (item,) = rows(desk.session, Item, kind="appeal", state="open")
    desk.decide(item, action, rule=None, by=moderating.moderator(desk.session))


def test_nothing_was_decided_so_nothing_is_known(desk: Desk) -> None:
    assert label(desk, desk.comment()) is None
    assert label(desk, held(desk)[0]) is None


def test_what_the_machine_alone_decided_is_no_label(desk: Desk) -> None:
    assert label(desk, withheld(desk)[0]) is None


def test_an_approved_hold_is_approved_and_a_removal_names_its_rule(desk: Desk) -> None:
    comment, item = held(desk)
    approval = desk.decide(item, "approve", rule=None)
    assert label(desk, comment) == Label(False, None, approval.created_at)
    for action, days in (("remove", None), ("warn", None), ("suspend", 3), ("ban", None)):
        comment, item = held(desk)
        removal = desk.decide(item, action, "topic", days=days)
        assert label(desk, comment) == Label(True, "topic", removal.created_at)


def test_the_later_decision_counts(desk: Desk) -> None:
    comment, item = held(desk)
    desk.decide(item, "approve", rule=None)
    removal = desk.decide(
        moderating.report(desk.session, desk.house, comment, factories.account(desk.session)), "remove"
    )
    assert label(desk, comment) == Label(True, "respect", removal.created_at)


def test_an_undone_decision_counts_for_nothing(desk: Desk) -> None:
    comment, item = held(desk)
    approval = desk.decide(item, "approve", rule=None)
    again = moderating.ask(desk.session, desk.house, comment)
    removal = desk.decide(again, "remove")
    undo.undo(desk.session, desk.house, desk.moderator, removal.id, "A mistake.")
    assert label(desk, comment) == Label(False, None, approval.created_at)
    undo.undo(desk.session, desk.house, desk.moderator, approval.id, "A mistake.")
    assert label(desk, comment) is None


def test_an_appeal_has_the_final_word(desk: Desk) -> None:
    for action, removed in (("uphold", True), ("overturn", False)):
        comment, item = held(desk)
        removal = desk.decide(item, "remove", "hate")
        appeal(desk, removal, action)
        found = label(desk, comment)
        assert found is not None
        assert (found.removed, found.rule) == (removed, "hate" if removed else None)
        assert found.at > removal.created_at


def test_an_appeal_against_the_machine_is_a_persons_word(desk: Desk) -> None:
    for action, removed in (("uphold", True), ("overturn", False)):
        comment, _, decision = withheld(desk)
        assert comment.state == WITHHELD
        appeal(desk, decision, action)
        found = label(desk, comment)
        assert found is not None
        assert found.removed == removed


def test_an_upheld_removal_that_is_undone_after_all_counts_for_nothing(desk: Desk) -> None:
    comment, item = held(desk)
    removal = desk.decide(item, "remove")
    appeal(desk, removal, "uphold")
    undo.undo(desk.session, desk.house, desk.moderator, removal.id, "A mistake after all.")
    assert label(desk, comment) is None


def test_a_dismissed_notice_approves_only_what_readers_could_see(desk: Desk) -> None:
    for state, expected in ((PUBLISHED, False), (HELD, None)):
        comment = desk.comment()
        notices.file(desk.session, desk.house, comment.id, Told("Unlawful.", None, None, good_faith=True))
        comment.state = state
        (item,) = rows(desk.session, Item, kind="notice", state="open")
        desk.decide(item, "dismiss", rule=None)
        found = label(desk, comment)
        assert (found and found.removed) == expected
