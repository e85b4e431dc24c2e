"""Adopting what Stripe has already: none lost, none doubled, however it is interrupted and whatever is beside it."""

import math
import time
from typing import Any

import pytest
from sqlalchemy import func, select

from app.accounts import emails
from app.billing import adopt as adoption
from app.billing import links, sync
from app.billing.entitlement import Reason
from app.billing.links import Proof
from app.db import retrying
from app.gateway.client import Stripe, StripeUnavailable, WrongMode
from app.models import Customer, Job, StripeCursor, StripeSync, Subscription
from app.simulator import shapes
from config.settings import SIMULATED_PRICE, Settings
from tests.support.adopting import kill_at, known
from tests.support.assembled import assembled
from tests.support.databases import POSTGRES, SQLITE
from tests.support.paper import Paper
from tests.support.stripe_world import eventually
from tests.support.together import at_once


def seed(paper: Paper, number: int, **facts: Any) -> list[tuple[str, str]]:
    """So many customers with a subscription each, older than this installation; the ids of each pair."""
    store, pairs = paper.simulated, []
    price = store.get("price", SIMULATED_PRICE)
    with store.transaction():
        for n in range(number):
            customer = shapes.customer(f"subscriber{n}@example.org", None, {}) | facts
            subscription = shapes.subscription(customer["id"], price, customer["metadata"])
            store.save("customer", customer)
            store.save("subscription", subscription)
            pairs.append((customer["id"], subscription["id"]))
    return pairs


def adopt(paper: Paper, stripe: Stripe | None = None) -> dict[str, int]:
    adoption.adopt(assembled(paper.settings, paper.house, paper.database, stripe=stripe or Stripe(paper.settings)))
    with paper.database.reading() as session:
        return adoption.tally(session)


def test_everything_is_taken_in_once_and_waits_for_its_reader(paper: Paper) -> None:
    pairs = seed(paper, 230)
    counted = adopt(paper)
    assert counted == {
        "customers": 230,
        "customers without an account": 230,
        "subscriptions": 230,
        "subscriptions without an account": 230,
    }
    assert known(paper) == set(pairs)
    assert adopt(paper) == counted
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0
        assert {(row.requested_seq, row.applied_seq) for row in session.scalars(select(StripeSync))} == {(1, 1)}


def test_a_customer_that_names_an_account_of_ours_is_linked_and_counts_when_it_was_asked_for_by_itself(
    paper: Paper,
) -> None:
    ((customer, subscription),) = seed(paper, 1, metadata={"account_id": str(paper.reader.id)})
    adopt(paper)
    assert paper.entitlement().reason is Reason.IDENTITY_REVIEW
    with paper.database.reading() as session:
        row = session.get_one(Customer, customer)
        assert (row.account_id, row.email_token) == (paper.reader.id, None)
        assert session.get_one(Subscription, subscription).account_id is None
        refreshes = select(Job).where(Job.kind == sync.REFRESH)
        marked = {(job.payload["type"], job.payload["id"]) for job in session.scalars(refreshes)}
    assert marked == {(sync.CUSTOMER, customer), (sync.SUBSCRIPTION, subscription)}
    paper.work()
    assert paper.entitlement().allowed


@pytest.mark.parametrize("reference", ["", "7", "nobody", "99999999999999999999"])
def test_a_customer_that_names_nobody_of_ours_waits(paper: Paper, reference: str) -> None:
    ((customer, _),) = seed(paper, 1, metadata={"account_id": reference})
    adopt(paper)
    with paper.database.reading() as session:
        assert session.get_one(Customer, customer).account_id is None


def test_of_an_address_only_the_digest_stays(paper: Paper) -> None:
    ((customer, _),) = seed(paper, 1, email="Some.Body+paper@GMail.com")
    ((unreachable, _),) = seed(paper, 1, email="not an address")
    adopt(paper)
    with paper.database.reading() as session:
        token = session.get_one(Customer, customer).email_token
        assert token == emails.token(paper.settings, "somebody@gmail.com")
        assert session.get_one(Customer, unreachable).email_token is None
        for table in Customer.metadata.sorted_tables:
            assert "paper@gmail" not in repr(session.execute(select(table)).all()).lower()


class Watched(Stripe):
    """Does something between Stripe's answer and our writing of it; or instead of asking, where that raises."""

    def __init__(self, settings: Settings, between: Any) -> None:
        super().__init__(settings)
        self._between, self.pages = between, 0

    def slice(self, listing: Any) -> tuple[list[Any], bool]:
        found = super().slice(listing)
        self.pages += 1
        self._between(self.pages)
        return found


@pytest.mark.parametrize("works", [False, True], ids=["worker asleep", "worker quick"])
def test_a_change_while_the_list_is_on_its_way_is_not_overwritten(paper: Paper, works: bool) -> None:
    ((_, subscription),) = seed(paper, 1, metadata={"account_id": str(paper.reader.id)})

    def cancel(page: int) -> None:
        if page == 2:
            paper.control(f"subscriptions/{subscription}/cancel")
            eventually(lambda: marked(paper, subscription))
            if works:
                paper.work()

    adopt(paper, Watched(paper.settings, cancel))
    paper.work()
    with paper.database.reading() as session:
        assert session.get_one(Subscription, subscription).status == "canceled"


def test_a_change_after_it_is_followed(paper: Paper) -> None:
    ((_, subscription),) = seed(paper, 1)
    adopt(paper)
    paper.control(f"subscriptions/{subscription}/cancel")
    eventually(lambda: marked(paper, subscription))
    paper.work()
    with paper.database.reading() as session:
        assert session.get_one(Subscription, subscription).status == "canceled"


def test_a_claim_before_or_between_the_pages_keeps_what_it_claimed(paper: Paper) -> None:
    first, second = seed(paper, 2)

    def claim(customer: str) -> None:
        with paper.database.transaction() as session:
            links.link(session, paper.house, customer, paper.reader.id, Proof.PAPER)

    claim(first[0])
    adopt(paper, Watched(paper.settings, lambda page: claim(second[0]) if page == 2 else None))
    paper.work()
    with paper.database.reading() as session:
        owners = [set(session.scalars(select(table.account_id))) for table in (Customer, Subscription)]
    assert owners == [{paper.reader.id}] * 2


@pytest.mark.parametrize("_again", range(3))
def test_a_claim_at_the_moment_of_writing_sees_or_is_seen(paper: Paper, _again: int) -> None:
    pairs = seed(paper, 6)

    @retrying  # as every view and command is: both leave jobs about the same reader
    def claim(customer: str) -> None:
        with paper.database.transaction() as session:
            links.link(session, paper.house, customer, paper.reader.id, Proof.PAPER)

    def claim_all() -> None:
        for customer, _ in pairs:
            claim(customer)

    at_once(lambda n: adopt(paper) if n else claim_all(), 2)
    paper.work()
    with paper.database.reading() as session:
        assert {row.account_id for row in session.scalars(select(Subscription))} == {paper.reader.id}


def test_two_adoptions_at_once_share_the_work_and_double_nothing(paper: Paper) -> None:
    pairs = seed(paper, 950)
    at_once(lambda _: adopt(paper), 2)
    assert known(paper) == set(pairs)
    with paper.database.reading() as session:
        assert {row.counted for row in session.scalars(select(StripeCursor))} == {950}
        assert {(row.requested_seq, row.applied_seq) for row in session.scalars(select(StripeSync))} == {(1, 1)}


def test_one_that_was_interrupted_goes_on_where_it_was(paper: Paper) -> None:
    pairs = seed(paper, 450)

    def go_away(page: int) -> None:
        if page == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adopt(paper, Watched(paper.settings, go_away))
    again = Watched(paper.settings, lambda _: None)
    adopt(paper, again)
    assert again.pages == 10 - 6
    assert known(paper) == set(pairs)


def test_one_whose_place_was_deleted_at_stripe_begins_from_the_top(paper: Paper) -> None:
    pairs = seed(paper, 150)
    with paper.database.transaction() as session:
        adoption._begin(session, ["adopt.customers", "adopt.subscriptions"])
        session.get_one(StripeCursor, "adopt.customers").value = "cus_deleted"
    adopt(paper)
    assert known(paper) == set(pairs)


def test_a_stripe_that_is_away_is_waited_for_and_then_told_of(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    paper.stripe_goes_away()
    with pytest.raises(StripeUnavailable):
        adopt(paper)
    assert [nap for nap in naps if nap >= 1] == [1, 2, 4, 8, 16]


def test_one_that_cannot_be_read_holds_up_no_other(paper: Paper) -> None:
    pairs = seed(paper, 3)
    broken = paper.simulated.get("subscription", pairs[1][1])
    with paper.simulated.transaction():
        paper.simulated.save("subscription", broken | {"items": {"data": [{"price": 5}]}})
    adopt(paper)
    assert known(paper) == {pairs[0], pairs[2]}
    assert marked(paper, pairs[1][1])


def test_nothing_of_the_other_mode_is_taken_in(paper: Paper) -> None:
    seed(paper, 1, livemode=True)
    with pytest.raises(WrongMode):
        adopt(paper)
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 0


@pytest.mark.parametrize(
    ("database", "number"),
    [
        (SQLITE, 500),
        pytest.param(SQLITE, 1200, marks=pytest.mark.long),
        pytest.param(POSTGRES, 1200, marks=pytest.mark.long),
    ],
    indirect=["database"],
)
def test_one_that_is_killed_again_and_again_loses_and_doubles_nothing(paper: Paper, number: int) -> None:
    pairs = seed(paper, number)
    # within the customers, within the subscriptions, and then to the end
    kills = sum(kill_at(paper, place) for place in (number // 4, number + number // 4))
    assert kills >= 1
    assert not kill_at(paper, math.inf)
    assert known(paper) == set(pairs)
    with paper.database.reading() as session:
        assert {row.counted for row in session.scalars(select(StripeCursor))} == {number}


def marked(paper: Paper, subscription: str) -> bool:
    with paper.database.reading() as session:
        row = session.get(StripeSync, (sync.SUBSCRIPTION, subscription))
        return row is not None and row.applied_seq < row.requested_seq
