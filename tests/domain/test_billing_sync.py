"""However hints and answers overtake each other, the newest state is what stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.billing import jobs, subscriptions, sync
from app.billing.entitlement import Reason
from app.gateway import subscriptions as at_stripe
from app.gateway.client import Object, Stripe, StripeUnavailable, WrongMode
from app.models import Customer, Job, StripeSync, Subscription
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.paper import Paper


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives, so that each test gives the hints itself."""
    paper.control("knobs", drop_percent=100)
    return paper


def refresh(paper: Paper, identifier: str, stripe: Stripe | None = None) -> bool:
    client = stripe or Stripe(paper.settings)
    return subscriptions.refresh(assembled(paper.settings, paper.house, paper.database, stripe=client), identifier)


def row(paper: Paper, identifier: str) -> Subscription:
    with paper.database.reading() as session:
        return session.get_one(Subscription, identifier)


class Slow(Stripe):
    """Between Stripe's answer and our writing it, something else happens."""

    def __init__(self, settings: Settings, meanwhile: Callable[[], object]) -> None:
        super().__init__(settings)
        self._meanwhile = meanwhile

    def find(self, retrieve: Callable[[Any], Any]) -> Object | None:
        found = super().find(retrieve)
        self._meanwhile()
        return found


def test_a_late_answer_never_overwrites_a_newer_one(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)

    def meanwhile() -> None:
        paper.control(f"subscriptions/{identifier}/cancel")
        paper.hint(sync.SUBSCRIPTION, identifier)
        assert refresh(paper, identifier)

    assert not refresh(paper, identifier, Slow(paper.settings, meanwhile))
    assert row(paper, identifier).status == "canceled"
    assert paper.entitlement().reason is Reason.ENDED


def test_a_change_after_the_question_is_fetched_by_the_job_it_leaves(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)

    def meanwhile() -> None:
        paper.control(f"subscriptions/{identifier}/cancel")
        paper.hint(sync.SUBSCRIPTION, identifier)

    assert refresh(paper, identifier, Slow(paper.settings, meanwhile))
    assert row(paper, identifier).status == "active"
    paper.work()
    assert row(paper, identifier).status == "canceled"


def test_the_same_hint_followed_twice_writes_once(paper: Paper) -> None:
    identifier = paper.sold()
    paper.hint(sync.SUBSCRIPTION, identifier)
    assert [refresh(paper, identifier) for _ in range(2)] == [True, False]


def test_the_account_is_the_one_written_on_the_subscription(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)
    refresh(paper, identifier)
    assert row(paper, identifier).account_id == paper.reader.id
    assert paper.entitlement().allowed


@pytest.mark.parametrize("reference", ["", "7", "nobody", "99999999999999999999", "١٢٣"])
def test_an_orphan_is_kept_and_counts_once_its_customer_is_linked(paper: Paper, reference: str) -> None:
    identifier = paper.sold(account_id=reference)
    paper.hint(sync.SUBSCRIPTION, identifier)
    refresh(paper, identifier)
    orphan = row(paper, identifier)
    assert (orphan.account_id, orphan.status) == (None, "active")
    assert not paper.entitlement().allowed
    with paper.database.transaction() as session:
        session.get_one(Customer, orphan.customer_id).account_id = paper.reader.id
    paper.hint(sync.SUBSCRIPTION, identifier)
    refresh(paper, identifier)
    assert paper.entitlement().allowed


def test_a_status_nobody_knows_is_kept_as_it_is_and_denies(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.changed(identifier, status="hibernating")
    paper.hint(sync.SUBSCRIPTION, identifier)
    refresh(paper, identifier)
    assert row(paper, identifier).status == "hibernating"
    assert paper.entitlement().reason is Reason.UNKNOWN_STATUS


def test_what_stripe_no_longer_has_is_gone_here_too(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)
    refresh(paper, identifier)
    with paper.simulated.transaction():
        paper.simulated.rows("DELETE FROM objects WHERE id = ?", identifier)
    paper.hint(sync.SUBSCRIPTION, identifier)
    refresh(paper, identifier)
    assert row(paper, identifier).deleted
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION


def test_a_hint_about_something_that_never_was_leaves_nothing(paper: Paper) -> None:
    paper.hint(sync.SUBSCRIPTION, "sub_never")
    assert refresh(paper, "sub_never")
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Subscription)) == 0


def test_an_object_of_the_other_mode_is_refused(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.changed(identifier, livemode=True)
    paper.hint(sync.SUBSCRIPTION, identifier)
    with pytest.raises(WrongMode):
        refresh(paper, identifier)
    assert not paper.entitlement().allowed


def test_while_stripe_is_away_the_object_stays_marked_and_the_job_waits(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)
    paper.stripe_goes_away()
    with pytest.raises(StripeUnavailable):
        refresh(paper, identifier)
    paper.work()
    with paper.database.reading() as session:
        assert sync.unfinished(session, 10) == [("subscription", identifier)]
        assert session.scalars(select(Job.attempts)).all() == [1]


def test_without_an_address_the_simulator_is_not_asked(settings: Settings) -> None:
    with pytest.raises(StripeUnavailable):
        at_stripe.retrieve(Stripe(replace(settings, stripe_api_base="")), "sub_1")


OLD = timedelta(hours=27)


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ({"status": "active"}, False),
        ({"fetched_at": clock.now() - OLD}, True),
        ({"fetched_at": clock.now() - OLD, "status": "canceled"}, False),
        ({"fetched_at": clock.now() - OLD, "deleted": True}, False),
        ({"fetched_at": clock.now() - timedelta(hours=3), "period_end": clock.now() - timedelta(hours=3)}, True),
        ({"period_end": clock.now() - timedelta(hours=3)}, False),
    ],
)
def test_repair_asks_again_about_what_has_been_silent_too_long(
    paper: Paper, values: dict[str, object], marked: bool
) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)
    paper.work()
    with paper.database.transaction() as session:
        session.execute(update(Subscription).values(values))
        assert jobs.mark_stale(session) == int(marked)


def test_repair_takes_up_a_mark_whose_job_is_dead(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.hint(sync.SUBSCRIPTION, identifier)
    with paper.database.transaction() as session:
        session.execute(update(Job).values(state="dead"))
    paper.work()
    with paper.database.transaction() as session:
        assert sync.resume_unfinished(session, 10) == 1
        assert session.scalars(select(Job.state).where(Job.kind == sync.REFRESH)).all() == ["ready"]
    paper.work()
    assert paper.entitlement().allowed
    with paper.database.reading() as session:
        seen = session.get_one(StripeSync, ("subscription", identifier))
        assert seen.applied_seq == seen.requested_seq
