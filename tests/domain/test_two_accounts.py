"""A mailbox can have several accounts, each in its own spelling. Who decides, and who is decided on, is a person."""

from collections.abc import Callable

import pytest

from app.accounts import standing
from app.accounts.identity import Identity
from app.models import Account, Comment, Decision, Item
from app.models.comment import HELD
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from app.models.sanction import BAN
from app.moderation import appeals, casefile, decisions, initiative, previews, reports, undo
from app.moderation.reports import Complaint
from app.payers import mailboxes
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows


def account_of(desk: Desk, email: str) -> Account:
    account = factories.account(desk.session, email=email, settings=desk.settings, verified=False)
    mailboxes.prove(desk.session, desk.settings, desk.house, account)
    return account


def staff_and_reader(desk: Desk, role: str) -> tuple[Identity, Account]:
    """Somebody of the staff, and what they have besides: an account as a reader."""
    working, reading = account_of(desk, "pat@hotmail.fr"), account_of(desk, "pat+reads@hotmail.fr")
    factories.give_role(desk.session, working, role)
    return moderating.identity_of(desk.session, working), reading


def ban(desk: Desk, account: Account) -> Decision:
    comment = factories.comment(desk.session, desk.story, account)
    by = moderating.identity_of(desk.session, factories.staff(desk.session, ADMINISTRATOR))
    return desk.decide(moderating.ask(desk.session, desk.house, comment), "ban", "topic", by=by)


@pytest.mark.parametrize("role", [MODERATOR, ADMINISTRATOR])
@pytest.mark.parametrize("action", ["ban", "warn", "remove"])
def test_an_equal_is_not_decided_on_by_way_of_their_other_account(desk: Desk, role: str, action: str) -> None:
    working, desk.author = staff_and_reader(desk, role)
    with refused("outranked"):
        desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), action, "topic")
    with refused("outranked"):
        initiative.reset_name(desk.session, desk.house, desk.moderator, desk.author.id, "topic", "Because.")
    assert standing.read(desk.session, working.account_id).good


def test_the_machine_leaves_the_other_account_of_staff_to_those_above(desk: Desk) -> None:
    working, reading = staff_and_reader(desk, MODERATOR)
    comment = factories.comment(desk.session, desk.story, reading)
    moderating.withhold(desk.session, moderating.with_severe(desk.house, "ban"), comment)
    assert standing.read(desk.session, working.account_id).good


def test_whoever_is_above_decides_on_either_account(desk: Desk) -> None:
    working, desk.author = staff_and_reader(desk, MODERATOR)
    editor = moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR))
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "ban", "topic", by=editor)
    assert standing.read(desk.session, working.account_id).kind == BAN


def held(desk: Desk, reading: Account) -> Item:
    """What they wrote waits for a moderator."""
    comment = factories.comment(desk.session, desk.story, reading, state=HELD)
    return moderating.ask(desk.session, desk.house, comment)


def reported(desk: Desk, reading: Account) -> Item:
    """They have reported somebody."""
    comment = desk.comment()
    reports.report_comment(desk.session, desk.house, reading.id, comment.id, Complaint("respect"))
    return rows(desk.session, Item, subject_id=comment.id)[0]


@pytest.mark.parametrize("involve", [held, reported], ids=["author", "reporter"])
def test_nobody_decides_on_what_their_other_account_is_part_of(
    desk: Desk, involve: Callable[[Desk, Account], Item]
) -> None:
    working, reading = staff_and_reader(desk, MODERATOR)
    item = involve(desk, reading)
    assert previews.barred(casefile.read(desk.session, working, item.id))
    with refused("own_case"):
        desk.decide(item, "approve", None, by=working)


def test_nobody_takes_back_what_was_decided_on_their_other_account(desk: Desk) -> None:
    working, desk.author = staff_and_reader(desk, MODERATOR)
    editor = moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR))
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "topic", by=editor)
    with refused("own_case"):
        undo.undo(desk.session, desk.house, working, decision.id, "Because.")
    with refused("own_case"):
        decisions.lift(desk.session, desk.house, working, desk.author.id, "Because.")


def test_an_appeal_is_not_answered_by_the_other_account_of_who_decided(desk: Desk) -> None:
    working, reading = staff_and_reader(desk, MODERATOR)
    factories.give_role(desk.session, reading, MODERATOR)
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "topic", by=working)
    assert decision.statement_id is not None
    appeal = appeals.file(desk.session, desk.house, desk.author.id, decision.statement_id, "It was right.")
    (item,) = rows(desk.session, Item, subject_id=appeal.id)
    other = moderating.identity_of(desk.session, reading)
    assert previews.barred(casefile.read(desk.session, other, item.id))
    with refused("same_moderator"):
        desk.decide(item, "uphold", None, by=other)


def test_money_does_not_move_on_the_word_of_one_person_with_two_accounts(desk: Desk) -> None:
    working, reading = staff_and_reader(desk, MODERATOR)
    factories.give_role(desk.session, reading, MODERATOR)
    ban(desk, desk.author)
    subscription = factories.subscribe(desk.session, desk.author)
    end = ProposedEnd(desk.author.id, subscription.id, "at_period_end", "Because.")
    proposed = approval.propose(desk.session, desk.house, working, end)
    (item,) = rows(desk.session, Item, subject_id=proposed.id)
    with refused("own_case"):
        desk.decide(item, "approve", None, by=moderating.identity_of(desk.session, reading))


def test_one_person_reports_once(desk: Desk) -> None:
    comment = desk.comment()
    for email in ("kim@ya.ru", "kim+1@ya.ru", "kim+2@yandex.com"):
        reporter = account_of(desk, email)
        reports.report_comment(desk.session, desk.house, reporter.id, comment.id, Complaint("respect"))
    (item,) = rows(desk.session, Item)
    assert (item.report_count, rows(desk.session, Comment)[0].report_count) == (1, 1)
