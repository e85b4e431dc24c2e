"""What the machine does to the account behind a severe comment, by the policy: nothing, unless it is told to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import clock
from app.accounts import erasure
from app.models import Comment, Decision, Item, LedgerEntry, Letter, Sanction, Statement, Strike
from app.models.comment import DELETED, WITHHELD
from app.models.role import MODERATOR
from app.moderation import appeals, casefile, undo
from app.payers import mailboxes
from app.stories import publication
from tests.support import factories, moderating
from tests.support.moderating import Desk, rows

DAY = timedelta(days=1)
THREAT = "I will find you, you idiot."
DISGUISED = "I will find you, you 1d10t."


def write(desk: Desk, text: str) -> Comment:
    return factories.comment(desk.session, desk.story, desk.author, text)


def remove(desk: Desk, comment: Comment, rule: str = "threat", action: str = "remove") -> Decision:
    """A person removes it, which by itself leaves the author free to write."""
    decision = desk.decide(moderating.ask(desk.session, desk.house, comment), action, rule)
    for sanction in rows(desk.session, Sanction):
        sanction.lifted_at = clock.now()
    desk.session.flush()
    return decision


def withhold(desk: Desk, text: str) -> Decision:
    return moderating.withhold(desk.session, desk.house, write(desk, text))[1]


@pytest.mark.parametrize("severe", ["withhold", "suspend_on_repeat"])
def test_at_first_only_the_comment_is_withheld_and_a_moderator_is_asked(desk: Desk, severe: str) -> None:
    desk.house = moderating.with_severe(desk.house, severe)
    comment = write(desk, THREAT)
    item, decision = moderating.withhold(desk.session, desk.house, comment)
    assert decision.actor_id is None
    assert (comment.state, item.state, item.due_at - item.opened_at) == (WITHHELD, "open", timedelta(hours=4))
    assert desk.standing() == "good"
    assert not rows(desk.session, Sanction)
    assert not rows(desk.session, Strike)
    (statement,) = rows(desk.session, Statement)
    assert statement.restrictions == ["visibility_disabled"]
    assert "suspended" not in statement.text
    assert casefile.read(desk.session, desk.moderator, item.id).imposed is None


def test_told_to_suspend_it_suspends_for_a_day_and_asks(desk: Desk) -> None:
    desk.house = moderating.with_severe(desk.house, "suspend")
    comment = write(desk, THREAT)
    item, decision = moderating.withhold(desk.session, desk.house, comment)
    assert (comment.state, item.state) == (WITHHELD, "open")
    (sanction,) = rows(desk.session, Sanction)
    assert sanction.ends_at is not None
    assert (sanction.kind, sanction.source, sanction.ends_at - decision.created_at) == ("suspension", "machine", DAY)
    assert casefile.read(desk.session, desk.moderator, item.id).imposed is sanction
    assert not rows(desk.session, Strike)
    (statement,) = rows(desk.session, Statement)
    assert statement.automated_decision == "AUTOMATED_DECISION_FULLY"
    assert len(rows(desk.session, LedgerEntry, action="comment.withhold", actor_id=None)) == 1


def test_told_to_ban_it_bans_and_asks(desk: Desk) -> None:
    desk.house = moderating.with_severe(desk.house, "ban")
    item, _ = moderating.withhold(desk.session, desk.house, write(desk, THREAT))
    assert desk.standing() == "ban"
    assert item.state == "open"


@pytest.mark.parametrize("text", [THREAT, DISGUISED, f"  {THREAT.upper()} "])
@pytest.mark.parametrize("action", ["remove", "warn", "suspend"])
def test_what_a_person_removed_and_is_posted_again_suspends(desk: Desk, text: str, action: str) -> None:
    first = write(desk, THREAT)
    decision = desk.decide(moderating.ask(desk.session, desk.house, first), action, "threat", days=1)
    for sanction in rows(desk.session, Sanction):
        sanction.lifted_at = clock.now()
    again = withhold(desk, text)
    (suspension,) = rows(desk.session, Sanction, decision_id=again.id)
    assert (suspension.kind, suspension.source) == ("suspension", "machine")
    (statement,) = [each for each in rows(desk.session, Statement) if each.id == again.statement_id]
    assert "A moderator has removed the same from this author before" in statement.text
    assert "Software alone decided this." in statement.text
    assert decision.statement_id != again.statement_id


@pytest.mark.parametrize("leaves", [False, True], ids=["beside", "after"])
def test_what_was_removed_is_posted_again_under_another_account_of_the_mailbox(desk: Desk, leaves: bool) -> None:
    spellings = ("sam@hotmail.fr", "sam+2@hotmail.fr")
    desk.author, again = (
        factories.account(desk.session, email=email, settings=desk.settings, verified=False) for email in spellings
    )
    mailboxes.prove(desk.session, desk.settings, desk.house, desk.author)
    remove(desk, write(desk, THREAT))
    if leaves:
        erasure.erase(desk.session, desk.author.id)
    mailboxes.prove(desk.session, desk.settings, desk.house, again)
    desk.author = again
    withhold(desk, DISGUISED)
    assert desk.standing() == "suspension"


def test_another_text_another_rule_or_another_author_is_no_repeat(desk: Desk) -> None:
    remove(desk, write(desk, "I will find you tomorrow."))
    remove(desk, write(desk, THREAT), rule="respect")
    somebody = factories.account(desk.session)
    other = factories.comment(desk.session, desk.story, somebody, THREAT)
    remove(desk, other)
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_a_removal_at_another_newspaper_is_by_other_rules(desk: Desk) -> None:
    elsewhere = factories.story(desk.session, factories.site(desk.session))
    remove(desk, factories.comment(desk.session, elsewhere, desk.author, THREAT))
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_a_removal_that_was_undone_is_no_ground(desk: Desk) -> None:
    decision = remove(desk, write(desk, THREAT))
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "It was a quotation.")
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_a_removal_that_was_overturned_on_appeal_is_no_ground(desk: Desk) -> None:
    decision = remove(desk, write(desk, THREAT))
    assert decision.statement_id
    appeal = appeals.file(desk.session, desk.house, desk.author.id, decision.statement_id, "It was a quotation.")
    (item,) = rows(desk.session, Item, kind="appeal", subject_id=appeal.id)
    second = moderating.identity_of(desk.session, factories.staff(desk.session, MODERATOR))
    desk.decide(item, "overturn", None, "So it was.", by=second)
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_a_removal_after_which_a_person_approved_is_no_ground(desk: Desk) -> None:
    comment = write(desk, THREAT)
    remove(desk, comment)
    desk.decide(moderating.ask(desk.session, desk.house, comment), "approve", None)
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_a_removal_whose_strike_has_decayed_is_no_ground(desk: Desk) -> None:
    decision = remove(desk, write(desk, THREAT))
    decision.created_at = clock.now() - 181 * DAY
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_what_the_machine_withheld_and_nobody_judged_is_no_ground(desk: Desk) -> None:
    withhold(desk, THREAT)
    withhold(desk, THREAT)
    assert desk.standing() == "good"


def test_what_its_author_took_back_after_the_removal_still_is_one(desk: Desk) -> None:
    comment = write(desk, THREAT)
    remove(desk, comment)
    publication.set_state(desk.session, comment, DELETED)
    withhold(desk, THREAT)
    assert desk.standing() == "suspension"


@pytest.mark.parametrize("severe", ["withhold", "suspend_on_repeat", "suspend", "ban"])
def test_the_author_of_an_imported_comment_is_neither_sanctioned_nor_written_to(desk: Desk, severe: str) -> None:
    desk.house = moderating.with_severe(desk.house, severe)
    remove(desk, write(desk, THREAT))
    comment = write(desk, THREAT)
    comment.origin, desk.author.email = "import", None
    moderating.withhold(desk.session, desk.house, comment)
    assert comment.state == WITHHELD
    assert desk.standing() == "good"
    assert len(rows(desk.session, Letter)) == 1  # of the removal


@pytest.mark.parametrize("severe", ["suspend_on_repeat", "suspend", "ban"])
def test_what_is_in_a_language_that_the_scorer_does_not_read_is_no_ground_even_if_repeated(
    desk: Desk, severe: str
) -> None:
    desk.house = moderating.with_severe(desk.house, severe)
    remove(desk, write(desk, THREAT))
    moderating.withhold(desk.session, desk.house, write(desk, THREAT), replace(moderating.SEVERE, read=False))
    assert desk.standing() == "good"


@pytest.mark.parametrize(
    ("severe", "standing"), [("suspend_on_repeat", "suspension"), ("suspend", "good"), ("ban", "good")]
)
def test_where_nobody_knows_the_language_only_what_a_person_has_judged_is_a_ground(
    desk: Desk, severe: str, standing: str
) -> None:
    desk.house = moderating.with_severe(desk.house, severe)
    remove(desk, write(desk, THREAT))
    moderating.withhold(desk.session, desk.house, write(desk, THREAT), replace(moderating.SEVERE, read=None))
    assert desk.standing() == standing
