"""Appeals: by the addressee, in time, once; answered by somebody else, with reasons."""

from datetime import timedelta

import pytest

from app import clock
from app.accounts.identity import Identity
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.models import Appeal, Comment, Decision, Item, LedgerEntry, Letter, Report, Sanction, Statement, Strike
from app.models.comment import HELD, PUBLISHED, REMOVED
from app.moderation import appeals, undo
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows


def removed(desk: Desk, state: str = PUBLISHED) -> Decision:
    """A reported comment, removed with a ban."""
    item = moderating.report(desk.session, desk.house, desk.comment(state), factories.account(desk.session))
    return desk.decide(item, "ban", "topic")


def file(desk: Desk, decision: Decision, text: str = "I was quoting.") -> Item:
    assert decision.statement_id
    appeals.file(desk.session, desk.house, desk.author.id, decision.statement_id, text)
    (item,) = rows(desk.session, Item, kind="appeal", state="open")
    return item


def somebody_else(desk: Desk) -> Identity:
    return moderating.moderator(desk.session)


def test_only_the_addressee_may_appeal(desk: Desk) -> None:
    decision = removed(desk)
    assert decision.statement_id
    for account in (factories.account(desk.session).id, desk.moderator.account_id):
        with pytest.raises(NotFound):
            appeals.file(desk.session, desk.house, account, decision.statement_id, "I was quoting.")


@pytest.mark.parametrize(("text", "code"), [(" \n", "text_required"), ("x" * 5001, "text_too_long")])
def test_an_appeal_has_a_text(desk: Desk, text: str, code: str) -> None:
    with refused(code, Malformed):
        file(desk, removed(desk), text)


def test_a_second_appeal_is_refused(desk: Desk) -> None:
    decision = removed(desk)
    file(desk, decision)
    with refused("already_appealed", Conflict):
        file(desk, decision)


def test_after_six_months_it_is_too_late(desk: Desk) -> None:
    decision = removed(desk)
    (statement,) = rows(desk.session, Statement)
    assert statement.appeal_until - statement.created_at == timedelta(days=183)
    statement.appeal_until = clock.now() - timedelta(seconds=1)
    desk.session.flush()
    with refused("appeal_too_late", Conflict):
        file(desk, decision)


def test_what_has_been_undone_needs_no_appeal(desk: Desk) -> None:
    decision = removed(desk)
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    with refused("already_undone", Conflict):
        file(desk, decision)


def test_an_appeal_opens_an_item_of_its_own(desk: Desk) -> None:
    item = file(desk, removed(desk))
    (appeal,) = rows(desk.session, Appeal)
    assert (item.subject_type, item.subject_id, item.account_id) == ("appeal", appeal.id, desk.author.id)
    assert item.due_at - item.opened_at == timedelta(hours=168)


@pytest.mark.parametrize("action", ["uphold", "overturn"])
def test_who_decided_does_not_answer_the_appeal(desk: Desk, action: str) -> None:
    item = file(desk, removed(desk))
    with refused("same_moderator", Forbidden):
        desk.decide(item, action)


@pytest.mark.parametrize(
    ("action", "reason", "code"),
    [("uphold", " ", "reason_required"), ("overturn", "", "reason_required"), ("remove", "No.", "unknown_action")],
)
def test_an_answer_is_one_of_two_and_gives_its_reasons(desk: Desk, action: str, reason: str, code: str) -> None:
    item = file(desk, removed(desk))
    with refused(code, Malformed):
        desk.decide(item, action, None, reason, by=somebody_else(desk))


def test_upheld_everything_stays_and_the_reader_is_told_why(desk: Desk) -> None:
    original = removed(desk)
    item = file(desk, original)
    answer = desk.decide(item, "uphold", None, "A quotation has a source.", by=somebody_else(desk))
    assert desk.standing() == "ban"
    assert item.state == "closed"
    (appeal,) = rows(desk.session, Appeal)
    assert (appeal.answered_by, appeal.overturned, appeal.reply) == (answer.id, False, "A quotation has a source.")
    (letter,) = rows(desk.session, Letter, kind="appeal_answered")
    assert letter.parameters == {"statement_id": str(original.statement_id), "site_id": str(original.site_id)}
    assert len(rows(desk.session, LedgerEntry, action="comment.uphold")) == 1


@pytest.mark.parametrize("state", [PUBLISHED, HELD])
def test_overturned_comment_strike_and_sanction_come_back_together(desk: Desk, state: str) -> None:
    original = removed(desk, state)
    answer = desk.decide(file(desk, original), "overturn", None, "It was a quotation.", by=somebody_else(desk))
    assert answer.undoes_id == original.id
    assert desk.session.get_one(Comment, original.subject_id).state == PUBLISHED
    assert desk.standing() == "good"
    assert [strike.revoked_by for strike in rows(desk.session, Strike)] == [answer.id]
    assert [sanction.lifted_by for sanction in rows(desk.session, Sanction)] == [answer.id]
    assert [report.outcome for report in rows(desk.session, Report)] == ["dismissed"]
    assert not rows(desk.session, Item, state="open")


def test_an_appeal_against_the_machine_publishes_and_frees(desk: Desk) -> None:
    desk.house = moderating.with_severe(desk.house, "suspend")
    comment = desk.comment()
    _, decision = moderating.withhold(desk.session, desk.house, comment)
    assert desk.standing() == "suspension"
    desk.decide(file(desk, decision), "overturn", None, "It was a quotation.")
    assert comment.state == PUBLISHED
    assert not rows(desk.session, Item, state="open")
    assert desk.standing() == "good"


def test_what_was_undone_meanwhile_can_only_be_overturned(desk: Desk) -> None:
    decision = removed(desk)
    item = file(desk, decision)
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    with refused("already_undone", Conflict), desk.session.begin_nested():
        desk.decide(item, "uphold", None, "No.", by=somebody_else(desk))
    desk.session.refresh(item)
    answer = desk.decide(item, "overturn", None, "It was a mistake.", by=somebody_else(desk))
    assert answer.undoes_id is None
    assert [appeal.overturned for appeal in rows(desk.session, Appeal)] == [True]
    with refused("not_undoable", Conflict):
        undo.undo(desk.session, desk.house, desk.moderator, answer.id, "A mistake.")


def test_an_answer_cannot_be_undone(desk: Desk) -> None:
    for action in ("uphold", "overturn"):
        answer = desk.decide(file(desk, removed(desk)), action, None, "Because.", by=somebody_else(desk))
        with refused("not_undoable", Conflict):
            undo.undo(desk.session, desk.house, desk.moderator, answer.id, "A mistake.")


def test_a_decision_after_the_one_that_is_overturned_stands(desk: Desk) -> None:
    comment = desk.comment()
    first = desk.decide(moderating.ask(desk.session, desk.house, comment), "remove", "topic")
    desk.decide(moderating.ask(desk.session, desk.house, comment), "approve", None, "")
    last = desk.decide(moderating.ask(desk.session, desk.house, comment), "remove", "topic")
    desk.decide(file(desk, first), "overturn", None, "Because.", by=somebody_else(desk))
    assert comment.state == REMOVED
    undo.undo(desk.session, desk.house, desk.moderator, last.id, "A mistake.")
    assert comment.state == PUBLISHED
