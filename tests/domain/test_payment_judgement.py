"""Who may have returned after a ban is judged like everything else: once, with reasons, and open to an undo."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.accounts import standing
from app.accounts.sanctions import lift
from app.billing import facts
from app.billing.entitlement import Reason
from app.models import Account, Item, Letter, PaymentCase, Sanction, Site, Statement
from app.models.item import CLOSED, OPEN
from app.models.payment_case import ALLOWED, CONFIRMED, FRAUD_WARNING, POSSIBLE_RETURN
from app.models.role import MODERATOR
from app.models.sanction import BAN, SUSPENSION
from app.moderation import appeals, casefile, decisions, previews, undo
from app.payers import payment_cases
from app.payers.payment_cases import PayerFinding
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows


@dataclass
class Return:
    """A banned reader, and an account that pays with the same card."""

    desk: Desk
    site: Site
    ban: Sanction
    account: Account
    found: PaymentCase

    @property
    def item(self) -> Item:
        return rows(self.desk.session, Item, subject_id=self.found.id, state=OPEN)[0]

    def outcome(self) -> str:
        return rows(self.desk.session, PaymentCase, id=self.found.id)[0].outcome

    def reason(self) -> Reason:
        desk = self.desk
        return facts.entitlement(desk.session, self.account.id, self.site, clock.now(), desk.house.at({})).reason

    def standing(self) -> str:
        return standing.read(self.desk.session, self.account.id).kind


@pytest.fixture
def returned(desk: Desk) -> Return:
    return possible_return(desk)


def possible_return(desk: Desk, matched: str = "card", kind: str = BAN) -> Return:
    site = desk.session.get_one(Site, desk.story.site_id)
    ban = factories.sanction(desk.session, desk.author, kind, at=site)
    account = factories.subscriber(desk.session)
    found = factories.possible_return(desk.session, desk.house, account, ban, matched, at=site)
    return Return(desk, site, ban, account, found)


def test_a_reader_and_a_moderator_of_another_site_find_nothing_to_judge(returned: Return) -> None:
    desk = returned.desk
    elsewhere = factories.staff(desk.session, MODERATOR, at=factories.site(desk.session))
    for somebody in (returned.account, elsewhere):
        with refused("not_found"):
            desk.decide(returned.item, "allow", by=moderating.identity_of(desk.session, somebody))


# the roles of a banned moderator sleep
@pytest.mark.parametrize(("party", "code"), [("account", "own_case"), ("banned", "not_found")])
def test_neither_of_the_two_judges_though_they_moderate(returned: Return, party: str, code: str) -> None:
    desk = returned.desk
    who = returned.account if party == "account" else desk.author
    factories.give_role(desk.session, who, MODERATOR)
    by = moderating.identity_of(desk.session, who)
    if party == "account":
        assert previews.barred(casefile.read(desk.session, by, returned.item.id))
    with refused(code):
        desk.decide(returned.item, "allow", by=by)


def test_nobody_judges_what_has_changed_since_they_saw_it(returned: Return) -> None:
    with refused("stale"):
        returned.desk.decide(returned.item, "allow", revision=returned.item.revision + 1)


def test_a_strong_match_holds_writing_until_it_is_judged(returned: Return) -> None:
    assert returned.reason() is Reason.IDENTITY_REVIEW
    returned.desk.decide(returned.item, "allow", rule=None)
    assert returned.reason() is Reason.ACTIVE


@pytest.mark.parametrize(("matched", "kind"), [("email", BAN), ("link", BAN), ("card", SUSPENSION)])
def test_a_weaker_match_or_one_with_a_suspension_is_asked_about_and_holds_nothing(
    desk: Desk, matched: str, kind: str
) -> None:
    returned = possible_return(desk, matched, kind)
    assert returned.reason() is Reason.ACTIVE
    assert not casefile.read(desk.session, desk.moderator, returned.item.id).holds


def test_the_hold_ends_with_the_ban_and_comes_back_with_another(returned: Return) -> None:
    desk = returned.desk
    decision = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "Time served.")
    assert returned.reason() is Reason.ACTIVE
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    assert returned.reason() is Reason.IDENTITY_REVIEW
    another = factories.sanction(desk.session, desk.author, BAN, at=returned.site)
    lift(desk.session, returned.ban, decision.id)
    assert returned.reason() is Reason.IDENTITY_REVIEW
    lift(desk.session, another, decision.id)
    assert returned.reason() is Reason.ACTIVE


def test_a_confirmed_return_is_banned_with_reasons_a_letter_and_an_appeal(returned: Return) -> None:
    desk = returned.desk
    with refused("rule_required"):
        desk.decide(returned.item, "confirm", rule=None)
    with refused("reason_required"):
        desk.decide(returned.item, "confirm", "honesty", reason="")
    decision = desk.decide(returned.item, "confirm", "honesty")
    assert (returned.outcome(), returned.standing(), returned.reason()) == (CONFIRMED, BAN, Reason.BANNED)
    statement = desk.session.get_one(Statement, decision.statement_id)
    assert statement.account_id == returned.account.id
    assert statement.restrictions == ["account_terminated"]
    assert statement.automated_detection
    assert rows(desk.session, Letter, account_id=returned.account.id)
    assert rows(desk.session, Item, subject_id=returned.found.id)[0].state == CLOSED
    appeal = appeals.file(desk.session, desk.house, returned.account.id, statement.id, "It is my wife's card.")
    (asked,) = rows(desk.session, Item, subject_type="appeal", subject_id=appeal.id)
    desk.decide(asked, "overturn", rule=None, by=moderating.moderator(desk.session))
    assert (returned.outcome(), returned.standing(), returned.reason()) == (ALLOWED, standing.GOOD, Reason.ACTIVE)


def test_the_confirmed_return_of_a_suspended_reader_is_suspended_as_long(desk: Desk) -> None:
    returned = possible_return(desk, kind=SUSPENSION)
    desk.decide(returned.item, "confirm", "honesty")
    assert returned.standing() == SUSPENSION
    (sanction,) = rows(desk.session, Sanction, account_id=returned.account.id)
    assert sanction.ends_at is not None
    assert returned.ban.ends_at is not None
    assert abs(sanction.ends_at - returned.ban.ends_at) < timedelta(seconds=5)


def test_there_is_nothing_to_confirm_once_the_other_may_write(returned: Return) -> None:
    desk = returned.desk
    decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "Time served.")
    case = casefile.read(desk.session, desk.moderator, returned.item.id)
    assert previews.actions(case) == ("allow",)
    assert set(previews.effects(case, desk.house.at({}))["honesty"]) == {"allow"}
    with refused("nothing_to_extend"):
        desk.decide(returned.item, "confirm", "honesty")


@pytest.mark.parametrize("action", ["confirm", "allow"])
def test_an_undone_judgement_holds_writing_again_and_asks_again(returned: Return, action: str) -> None:
    desk = returned.desk
    decision = desk.decide(returned.item, action, "honesty" if action == "confirm" else None)
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    assert (returned.outcome(), returned.standing()) == ("open", standing.GOOD)
    assert returned.reason() is Reason.IDENTITY_REVIEW
    desk.decide(returned.item, "allow", rule=None)
    assert returned.outcome() == ALLOWED


def test_an_allowed_pair_stays_allowed_whatever_is_found_later(returned: Return) -> None:
    desk = returned.desk
    desk.decide(returned.item, "allow", rule=None)
    again = PayerFinding(POSSIBLE_RETURN, returned.account.id, returned.found.reference, matched="paypal")
    assert payment_cases.ask(desk.session, desk.house, again) is None
    assert returned.reason() is Reason.ACTIVE


def test_what_needs_no_answer_is_only_dismissed(desk: Desk) -> None:
    finding = PayerFinding(FRAUD_WARNING, desk.author.id, "issfr_1")
    case_id = payment_cases.ask(desk.session, desk.house, finding, desk.story.site_id)
    item = desk.session.scalars(select(Item).where(Item.subject_id == case_id)).one()
    with refused("unknown_action"):
        desk.decide(item, "allow")
    desk.decide(item, "dismiss", rule=None)
    assert rows(desk.session, PaymentCase, id=case_id)[0].judged_at is not None
