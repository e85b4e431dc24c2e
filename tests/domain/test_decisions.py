"""A moderator decides on an item: what each action does, and who may not."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app import clock
from app.accounts.identity import Identity
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.ids import new_id
from app.models import (
    Account,
    Decision,
    Item,
    LedgerEntry,
    Letter,
    Report,
    Sanction,
    Site,
    Statement,
    Strike,
)
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.moderation import appeals, decisions, initiative, undo
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows

DAY = timedelta(days=1)


def test_a_reader_and_a_moderator_of_another_site_find_nothing(desk: Desk) -> None:
    item = moderating.ask(desk.session, desk.house, desk.comment())
    elsewhere = factories.staff(desk.session, MODERATOR, at=factories.site(desk.session))
    for somebody in (factories.account(desk.session), elsewhere):
        with pytest.raises(NotFound):
            desk.decide(item, "approve", by=moderating.identity_of(desk.session, somebody))


def test_a_moderator_of_the_site_decides(desk: Desk) -> None:
    item = moderating.ask(desk.session, desk.house, desk.comment())
    here = desk.session.get_one(Site, desk.story.site_id)
    somebody = factories.staff(desk.session, MODERATOR, at=here)
    assert desk.decide(item, "approve", by=moderating.identity_of(desk.session, somebody)).actor_id == somebody.id


def test_nobody_decides_on_their_own_comment(desk: Desk) -> None:
    author = factories.staff(desk.session, MODERATOR)
    item = moderating.ask(desk.session, desk.house, factories.comment(desk.session, desk.story, author))
    with refused("own_case", Forbidden):
        desk.decide(item, "approve", by=moderating.identity_of(desk.session, author))


def test_nobody_decides_on_their_own_report(desk: Desk) -> None:
    reporter = factories.staff(desk.session, MODERATOR)
    item = moderating.report(desk.session, desk.house, desk.comment(), reporter)
    with refused("own_case", Forbidden):
        desk.decide(item, "remove", by=moderating.identity_of(desk.session, reporter))


def test_nobody_decides_by_another_door_on_what_they_reported(desk: Desk) -> None:
    reporter = moderating.identity_of(desk.session, factories.staff(desk.session, MODERATOR))
    comment = desk.comment()
    item = moderating.report(desk.session, desk.house, comment, desk.session.get_one(Account, reporter.account_id))
    decision = desk.decide(item, "remove")
    with refused("own_case", Forbidden):
        undo.undo(desk.session, desk.house, reporter, decision.id, "I know better.")
    assert decision.statement_id
    appeal = appeals.file(desk.session, desk.house, desk.author.id, decision.statement_id, "It was fair.")
    (asked,) = rows(desk.session, Item, kind="appeal", subject_id=appeal.id)
    with refused("own_case", Forbidden):
        desk.decide(asked, "uphold", None, by=reporter)
    again = initiative.take_up(desk.session, desk.house, reporter, comment.id)
    with refused("own_case", Forbidden):
        desk.decide(desk.session.get_one(Item, again), "ban", by=reporter)


def test_what_has_grown_since_it_was_seen_is_stale(desk: Desk) -> None:
    comment = desk.comment()
    seen = moderating.report(desk.session, desk.house, comment, factories.account(desk.session)).revision
    item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session))
    with pytest.raises(Conflict) as refusal:
        desk.decide(item, "approve", revision=seen)
    assert (refusal.value.code, refusal.value.extra) == ("stale", {"revision": seen + 1, "state": "open"})


def test_what_has_been_decided_is_stale(desk: Desk) -> None:
    item = moderating.ask(desk.session, desk.house, desk.comment())
    desk.decide(item, "approve")
    with refused("stale"):
        desk.decide(item, "remove")


@pytest.mark.parametrize(
    ("action", "rule", "reason", "days", "code"),
    [
        pytest.param("paint", "respect", "Because.", None, "unknown_action", id="an action that nobody knows"),
        pytest.param("dismiss", "respect", "Because.", None, "unknown_action", id="an action of another kind of item"),
        pytest.param("remove", None, "Because.", None, "rule_required", id="a removal without a rule"),
        pytest.param("remove", "manners", "Because.", None, "unknown_rule", id="a rule that the policy does not have"),
        pytest.param("remove", "respect", "  ", None, "reason_required", id="a removal without a reason"),
        pytest.param("remove", "respect", "x" * 5001, None, "reason_too_long", id="a reason that is a novel"),
        pytest.param("suspend", "respect", "Because.", None, "days_required", id="a suspension without an end"),
        pytest.param("suspend", "respect", "Because.", 0, "days_required", id="a suspension of no days"),
    ],
)
def test_a_malformed_decision_is_refused(
    desk: Desk, action: str, rule: str | None, reason: str, days: int | None, code: str
) -> None:
    item = moderating.ask(desk.session, desk.house, desk.comment())
    with refused(code, Malformed):
        desk.decide(item, action, rule, reason, days=days)


@pytest.mark.parametrize("state", [HELD, PUBLISHED, WITHHELD, REMOVED])
def test_an_approval_publishes_and_restricts_nobody(desk: Desk, state: str) -> None:
    comment = desk.comment(state)
    decision = desk.decide(moderating.ask(desk.session, desk.house, comment), "approve", None, "")
    assert comment.state == PUBLISHED
    assert decision.statement_id is None
    assert desk.standing() == "good"
    assert not rows(desk.session, Strike)
    desk.session.refresh(desk.story)
    assert desk.story.comment_count == 1


# the rule "topic" gives 1 point, which reaches no rung of the ladder
@pytest.mark.parametrize(
    ("action", "days", "kind", "restrictions"),
    [
        pytest.param("remove", None, "good", ["visibility_removed"], id="remove"),
        pytest.param("warn", None, "warning", ["visibility_removed", "warning"], id="warn"),
        pytest.param("suspend", 3, "suspension", ["visibility_removed", "account_suspended"], id="suspend"),
        pytest.param("ban", None, "ban", ["visibility_removed", "account_terminated"], id="ban"),
    ],
)
def test_a_breach_removes_the_comment_and_sanctions_its_author(
    desk: Desk, action: str, days: int | None, kind: str, restrictions: list[str]
) -> None:
    comment = desk.comment()
    item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session))
    assert moderating.foreseen(desk.session, desk.house, item, action, "topic") == restrictions
    decision = desk.decide(item, action, "topic", days=days)
    assert comment.state == REMOVED
    assert desk.standing() == kind
    assert item.state == "closed"
    assert [r.outcome for r in rows(desk.session, Report)] == ["upheld"]
    (strike,) = rows(desk.session, Strike)
    assert (strike.points, strike.expires_at - strike.created_at) == (1, 180 * DAY)
    (statement,) = rows(desk.session, Statement)
    assert decision.statement_id == statement.id
    assert statement.restrictions == restrictions
    told = {"statement_id": str(statement.id), "site_id": str(statement.site_id)}
    assert [letter.parameters for letter in rows(desk.session, Letter)] == [told]
    (entry,) = rows(desk.session, LedgerEntry, action=f"comment.{action}")
    assert (entry.actor_id, entry.details["decision"]) == (desk.moderator.account_id, str(decision.id))


def test_only_removed_it_goes_with_its_reasons_and_without_a_strike(desk: Desk) -> None:
    comment = desk.comment()
    item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session))
    with refused("rule_required", Malformed):
        desk.decide(item, "remove_only", None)
    assert moderating.foreseen(desk.session, desk.house, item, "remove_only", "threat") == ["visibility_removed"]
    desk.decide(item, "remove_only", "threat")
    assert (comment.state, item.state, desk.standing()) == (REMOVED, "closed", "good")
    assert [r.outcome for r in rows(desk.session, Report)] == ["upheld"]
    assert not rows(desk.session, Strike)
    assert not rows(desk.session, Sanction)
    (statement,) = rows(desk.session, Statement)
    assert statement.restrictions == ["visibility_removed"]
    assert "It gives no strike." in statement.text


def test_a_dismissed_report_stays_dismissed(desk: Desk) -> None:
    item = moderating.report(desk.session, desk.house, desk.comment(), factories.account(desk.session))
    desk.decide(item, "approve", None, "")
    assert [r.outcome for r in rows(desk.session, Report)] == ["dismissed"]


def test_the_ladder_outdoes_a_milder_choice_and_the_page_can_say_so_before(desk: Desk) -> None:
    # a threat gives 6 points: a week, and with a second one 12: for good
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "threat")
    assert [(s.kind, s.source) for s in rows(desk.session, Sanction)] == [("suspension", "ladder")]
    item = moderating.ask(desk.session, desk.house, desk.comment())
    foreseen = moderating.foreseen(desk.session, desk.house, item, "warn", "threat")
    assert foreseen == ["visibility_removed", "account_terminated"]
    epoch = desk.author.session_epoch
    desk.decide(item, "warn", "threat")
    assert desk.standing() == "ban"
    assert desk.author.session_epoch > epoch


def test_a_strike_that_has_decayed_no_longer_counts(desk: Desk) -> None:
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "threat")
    item = moderating.ask(desk.session, desk.house, desk.comment())
    (strike,) = rows(desk.session, Strike)
    strike.expires_at = clock.now()
    desk.session.flush()
    foreseen = moderating.foreseen(desk.session, desk.house, item, "remove", "threat")
    assert foreseen == ["visibility_removed", "account_suspended"]


def test_an_imported_comment_gives_no_strike(desk: Desk) -> None:
    comment = desk.comment()
    comment.origin = "import"
    desk.decide(moderating.ask(desk.session, desk.house, comment), "remove", "threat")
    assert comment.state == REMOVED
    assert not rows(desk.session, Strike)
    assert desk.standing() == "good"


def test_what_its_author_took_back_stays_gone_and_still_counts(desk: Desk) -> None:
    comment = desk.comment(DELETED)
    desk.decide(moderating.ask(desk.session, desk.house, comment), "remove")
    assert comment.state == DELETED
    assert len(rows(desk.session, Strike)) == 1


def test_a_name_is_taken_away_with_a_statement(desk: Desk) -> None:
    earlier = desk.author.name
    item = moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id)
    desk.decide(item, "reset_name", "honesty")
    assert desk.author.name != earlier
    (statement,) = rows(desk.session, Statement)
    assert statement.restrictions == ["warning", "name_reset"]


@pytest.mark.parametrize(
    ("action", "kind", "state"),
    [
        pytest.param("approve", "good", PUBLISHED, id="an approval publishes and frees"),
        pytest.param("remove", "good", REMOVED, id="a removal ends what was for the time being"),
        pytest.param("ban", "ban", REMOVED, id="a ban takes its place"),
    ],
)
def test_a_moderator_replaces_what_the_machine_did(desk: Desk, action: str, kind: str, state: str) -> None:
    desk.house = moderating.with_severe(desk.house, "suspend")
    comment = desk.comment()
    item, _ = moderating.withhold(desk.session, desk.house, comment)
    assert desk.standing() == "suspension"
    desk.decide(item, action, "topic")
    assert comment.state == state
    assert desk.standing() == kind


def test_a_ban_is_lifted_for_a_reason_by_somebody_who_may(desk: Desk) -> None:
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "ban")
    elsewhere = factories.staff(desk.session, MODERATOR, at=factories.site(desk.session))

    def lift(by: Identity, reason: str = "They apologised.") -> Decision:
        return decisions.lift(desk.session, desk.house, by, desk.author.id, reason)

    with pytest.raises(NotFound):
        lift(moderating.identity_of(desk.session, elsewhere))
    with refused("reason_required"):
        lift(desk.moderator, " ")
    decision = lift(desk.moderator)
    assert desk.standing() == "good"
    assert [s.lifted_by for s in rows(desk.session, Sanction)] == [decision.id]
    with refused("nothing_to_lift"):
        lift(desk.moderator)


def test_a_question_about_a_name_lifts_no_ban_of_another_site(desk: Desk) -> None:
    factories.sanction(desk.session, desk.author, BAN, at=factories.site(desk.session))
    here = desk.session.get_one(Site, desk.story.site_id)
    somebody = moderating.identity_of(desk.session, factories.staff(desk.session, MODERATOR, at=here))
    item = moderating.ask_about_name(desk.session, desk.house, desk.author, here.id)
    with pytest.raises(NotFound):
        desk.decide(item, "lift", None, by=somebody)
    assert desk.standing() == BAN
    desk.decide(item, "lift", None)
    assert desk.standing() == "good"


def test_nobody_lifts_their_own_ban(desk: Desk) -> None:
    banned = moderating.identity_of(desk.session, factories.staff(desk.session, MODERATOR))
    with refused("own_case"):
        decisions.lift(desk.session, desk.house, banned, banned.account_id, "I am sorry.")


def test_a_restriction_without_a_statement_cannot_be_written(desk: Desk) -> None:
    row = Decision(
        id=new_id(),
        site_id=desk.story.site_id,
        subject_type="account",
        subject_id=desk.author.id,
        account_id=desk.author.id,
        action="shadow_ban",
        reason="",
        before={},
        created_at=clock.now(),
    )
    desk.session.add(row)
    with pytest.raises(IntegrityError, match="ck_decisions_statement"):
        desk.session.flush()
