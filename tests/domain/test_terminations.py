"""Proposing the end of a banned reader's subscription: of whom, by whom, once, and that it takes a second person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app import clock
from app.accounts import sanctions
from app.accounts.identity import Identity
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.models import Customer, Item, Job, LedgerEntry, Sanction, Subscription, Termination
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN, SUSPENSION
from app.models.termination import APPROVED, AT_PERIOD_END, NOW_WITH_REFUND, PROPOSED, REFUSED
from app.moderation import decisions
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused

REASON = "Third account, third threat."


@dataclass
class Case:
    """A banned reader with a subscription, and two moderators."""

    desk: Desk
    subscription: Subscription
    second: Identity

    def propose(self, method: str = NOW_WITH_REFUND, *, actor: Identity | None = None, **other: Any) -> Termination:
        end = ProposedEnd(self.desk.author.id, self.subscription.id, method, REASON)
        return approval.propose(self.desk.session, self.desk.house, actor or self.desk.moderator, replace(end, **other))

    def lift(self) -> None:
        desk = self.desk
        decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "They apologised.")


@pytest.fixture
def case(desk: Desk) -> Case:
    subscription = factories.subscribe(desk.session, desk.author)
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "ban", "threat")
    return Case(desk, subscription, moderating.moderator(desk.session))


def nothing_follows(case: Case) -> bool:
    found = moderating.rows(case.desk.session, Termination)
    return not found and not moderating.rows(case.desk.session, Item, kind="payment")


def test_a_proposal_asks_the_moderators_and_changes_nothing_else(case: Case) -> None:
    made = case.propose()
    (item,) = moderating.rows(case.desk.session, Item, kind="payment")
    assert (item.subject_type, item.subject_id, item.site_id) == ("termination", made.id, case.desk.story.site_id)
    assert (made.state, item.account_id, item.reasons) == (PROPOSED, case.desk.author.id, ["termination"])
    assert not moderating.rows(case.desk.session, Job, kind=approval.TERMINATE)


@pytest.mark.parametrize("role", [MODERATOR, EDITOR])
def test_who_moderates_another_newspaper_finds_nothing_to_propose(case: Case, role: str) -> None:
    session = case.desk.session
    stranger = factories.staff(session, role, at=factories.site(session))
    with refused("not_found", NotFound):
        case.propose(actor=moderating.identity_of(session, stranger))
    assert nothing_follows(case)


def test_nobody_proposes_about_themselves(case: Case) -> None:
    with refused("own_case", Forbidden):
        case.propose(account_id=case.desk.moderator.account_id)
    assert nothing_follows(case)


def by_the_machine(session: object, sanction: Sanction) -> None:
    sanction.source = "machine"


def for_a_time(session: object, sanction: Sanction) -> None:
    sanction.ends_at = clock.now() + timedelta(days=30)


def a_suspension(session: object, sanction: Sanction) -> None:
    sanction.kind, sanction.ends_at = SUSPENSION, clock.now() + timedelta(days=7)


def lifted(session: object, sanction: Sanction) -> None:
    sanctions.lift(session, sanction, sanction.decision_id)  # type: ignore[arg-type]


@pytest.mark.parametrize("weaken", [by_the_machine, for_a_time, a_suspension, lifted], ids=lambda w: w.__name__)
def test_it_takes_a_ban_for_good_that_a_person_decided(case: Case, weaken: Callable[..., None]) -> None:
    (sanction,) = moderating.rows(case.desk.session, Sanction, account_id=case.desk.author.id, kind=BAN)
    weaken(case.desk.session, sanction)
    case.desk.session.flush()
    with refused("no_ban", Conflict):
        case.propose()
    assert nothing_follows(case)


def test_a_ban_that_no_person_decided_is_not_enough_whatever_its_source_says(case: Case) -> None:
    session = case.desk.session
    other = factories.subscriber(session)
    factories.sanction(session, other, BAN, at=factories.site(session))
    with refused("no_ban", Conflict):
        case.propose(account_id=other.id)


@pytest.mark.parametrize("status", ["canceled", "incomplete", "incomplete_expired"])
def test_what_is_over_cannot_be_ended(case: Case, status: str) -> None:
    case.subscription.status = status
    case.desk.session.flush()
    with refused("not_found", NotFound):
        case.propose()


@pytest.mark.parametrize("status", ["active", "trialing", "past_due", "unpaid", "paused"])
def test_what_lives_can_be_ended_paid_or_not(case: Case, status: str) -> None:
    case.subscription.status = status
    case.desk.session.flush()
    assert case.propose().state == PROPOSED


def test_nobody_ends_a_subscription_of_somebody_else_by_the_way(case: Case) -> None:
    other = factories.subscribe(case.desk.session, factories.account(case.desk.session))
    with refused("not_found", NotFound):
        case.propose(subscription_id=other.id)


def test_what_ends_with_its_period_already_can_only_be_ended_at_once(case: Case) -> None:
    case.subscription.cancel_at = case.subscription.period_end
    case.desk.session.flush()
    with refused("ends_already", Conflict):
        case.propose(AT_PERIOD_END)
    assert case.propose(NOW_WITH_REFUND).state == PROPOSED


@pytest.mark.parametrize("reason", ["", " \n", "x" * 5001])
def test_a_proposal_needs_a_reason_that_can_be_read(case: Case, reason: str) -> None:
    with refused("reason_required|reason_too_long", Malformed):
        case.propose(reason=reason)
    with refused("unknown_method", Malformed):
        case.propose("at_once_without_refund")
    assert nothing_follows(case)


def test_one_subscription_has_one_living_proposal(case: Case) -> None:
    first = case.propose()
    with refused("already_proposed", Conflict):
        case.propose(AT_PERIOD_END, actor=case.second)
    approval.refuse(case.desk.session, first.id, case.second.account_id)
    assert case.propose(AT_PERIOD_END, actor=case.second).state == PROPOSED


def test_who_proposed_it_decides_nothing(case: Case) -> None:
    made = case.propose()
    for judge in (approval.approve, approval.refuse):
        with refused("own_case", Forbidden):
            judge(case.desk.session, made.id, case.desk.moderator.account_id)
    assert made.state == PROPOSED


def test_an_approval_waits_a_little_and_can_be_undone_until_it_begins(case: Case) -> None:
    session = case.desk.session
    made = case.propose()
    approval.approve(session, made.id, case.second.account_id)
    (job,) = moderating.rows(session, Job, kind=approval.TERMINATE)
    assert job.run_at - clock.now() > approval.GRACE_TIME - timedelta(seconds=30)
    approval.reopen(session, made.id)
    assert (made.state, made.judged_by) == (PROPOSED, None)
    approval.approve(session, made.id, case.second.account_id)
    made.begun_at = clock.now()
    session.flush()
    with refused("already_begun", Conflict):
        approval.reopen(session, made.id)
    assert made.state == APPROVED


def test_who_approves_again_after_an_undo_has_as_long_for_second_thoughts(case: Case) -> None:
    session = case.desk.session
    made = case.propose()
    approval.approve(session, made.id, case.second.account_id)
    # almost all of the first grace goes by
    session.execute(update(Job).where(Job.kind == approval.TERMINATE).values(run_at=clock.now()))
    approval.reopen(session, made.id)
    approval.approve(session, made.id, case.second.account_id)
    session.expire_all()
    (job,) = moderating.rows(session, Job, kind=approval.TERMINATE)
    assert job.run_at - clock.now() > approval.GRACE_TIME - timedelta(seconds=30)


def test_nothing_is_approved_once_the_ban_was_lifted_and_it_can_still_be_refused(case: Case) -> None:
    made = case.propose()
    case.lift()
    with refused("no_ban", Conflict):
        approval.approve(case.desk.session, made.id, case.second.account_id)
    approval.refuse(case.desk.session, made.id, case.second.account_id)
    assert made.state == REFUSED


def test_what_was_decided_is_decided(case: Case) -> None:
    made = case.propose()
    approval.refuse(case.desk.session, made.id, case.second.account_id)
    for judge in (approval.approve, approval.refuse):
        with refused("stale", Conflict):
            judge(case.desk.session, made.id, case.second.account_id)


def test_the_approval_of_what_is_over_by_now_is_refused(case: Case) -> None:
    made = case.propose()
    case.subscription.status = "canceled"
    case.desk.session.flush()
    with refused("subscription_over", Conflict):
        approval.approve(case.desk.session, made.id, case.second.account_id)


def test_a_join_just_before_it_begins_is_no_way_out(case: Case) -> None:
    session, subscription, made = case.desk.session, case.subscription, case.propose()
    customer = session.get_one(Customer, subscription.customer_id)
    # as links.hand_over leaves it until Stripe was asked
    subscription.account_id = None
    session.flush()
    assert approval.stands(session, made)
    customer.account_id = factories.account(session).id
    session.flush()
    assert not approval.stands(session, made)


def test_what_fell_out_of_the_queue_comes_back_and_what_waits_there_does_not_double(case: Case) -> None:
    session = case.desk.session
    made = case.propose()
    approval.approve(session, made.id, case.second.account_id)
    approval.resume(session)
    (job,) = moderating.rows(session, Job, kind=approval.TERMINATE)
    job.state, made.judged_at = "dead", clock.now() - 2 * approval.REST_TIME
    session.flush()
    for _time in range(2):
        approval.resume(session)
    assert [each.state for each in moderating.rows(session, Job, kind=approval.TERMINATE)] == ["dead", "ready"]


def test_the_ledger_knows_who_proposed_it_and_not_why(case: Case) -> None:
    made = case.propose()
    (row,) = moderating.rows(case.desk.session, LedgerEntry, subject_type="termination", subject_id=made.id)
    assert (row.action, row.actor_id) == ("termination.propose", case.desk.moderator.account_id)
    assert row.details["subscription"] == case.subscription.id
    assert REASON not in str(row.details)


def test_who_may_propose_is_who_moderates_where_it_was_decided(case: Case) -> None:
    session, author = case.desk.session, case.desk.author.id
    elsewhere = factories.staff(session, MODERATOR, at=factories.site(session))
    assert approval.may_propose(session, case.second, author)
    assert not approval.may_propose(session, moderating.identity_of(session, elsewhere), author)
    assert not approval.may_propose(session, case.second, factories.account(session).id)
