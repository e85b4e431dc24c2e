"""Whose customer it is: one account's, the first that proves it; a second claim moves nothing and is judged."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock
from app.accounts import erasure
from app.billing import checkout, facts, links, sync
from app.billing.entitlement import Reason
from app.billing.links import LinkOutcome, Proof
from app.db import Database, retrying
from app.errors import Conflict, SignInRequired
from app.models import Account, Customer, Item, Job, LedgerEntry, PaymentCase, Site, Subscription
from app.models.payment_case import CONTESTED_LINK
from app.models.sanction import BAN
from app.payers import payment_cases
from config.policy import HouseRules
from tests.support import factories
from tests.support.together import at_once

CUSTOMER = "cus_before_us"
Claim = Callable[[Account], LinkOutcome]


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session)


@pytest.fixture
def orphan(database: Database) -> str:
    """A customer that is older than this installation, with a subscription that runs."""
    with database.transaction() as session:
        session.add(Customer(id=CUSTOMER, account_id=None, email_token="a digest", created_at=clock.now()))
        reader = factories.account(session)
        row = factories.subscribe(session, reader)
        row.account_id, row.customer_id = None, CUSTOMER
        return row.id


@pytest.fixture
def claim(database: Database, house: HouseRules, site: Site, orphan: str) -> Claim:
    def act(account: Account) -> LinkOutcome:
        with database.transaction() as session:
            return links.link(session, house, CUSTOMER, account.id, Proof.PAPER)

    return act


def reader(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session)


def may_write(database: Database, account: Account, site: Site, house: HouseRules) -> bool:
    with database.reading() as session:
        return facts.entitlement(session, account.id, site, clock.now(), house.at({})).allowed


def owner(database: Database) -> int | None:
    with database.reading() as session:
        return session.get_one(Customer, CUSTOMER).account_id


def cases(database: Database) -> list[PaymentCase]:
    with database.reading() as session:
        return list(session.scalars(select(PaymentCase).order_by(PaymentCase.id)))


def test_an_erased_account_claims_nothing(database: Database, claim: Claim) -> None:
    gone = reader(database)
    with database.transaction() as session:
        erasure.erase(session, gone.id)
    with pytest.raises(SignInRequired):
        claim(gone)
    assert owner(database) is None


def test_a_claim_has_everything_asked_for_again_and_opens_the_gate_no_sooner(
    database: Database, house: HouseRules, site: Site, orphan: str, claim: Claim
) -> None:
    claimant = reader(database)
    assert claim(claimant) is LinkOutcome.LINKED
    with database.reading() as session:
        told = facts.entitlement(session, claimant.id, site, clock.now(), house.at({}))
        assert (told.allowed, told.reason) == (False, Reason.IDENTITY_REVIEW)
        assert checkout.is_subscribed(session, claimant.id, "") is True
        assert session.get_one(Customer, CUSTOMER).email_token is None
        marked = [
            (job.payload["type"], job.payload["id"]) for job in session.scalars(select(Job)) if job.kind == sync.REFRESH
        ]
        (entry,) = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "customer.link"))
    assert sorted(marked) == [(sync.CUSTOMER, CUSTOMER), (sync.SUBSCRIPTION, orphan)]
    assert entry.details == {"customer": CUSTOMER, "proof": "paper"}


def test_a_second_claim_of_the_same_account_changes_nothing(database: Database, claim: Claim) -> None:
    claimant = reader(database)
    assert [claim(claimant) for _ in range(2)] == [LinkOutcome.LINKED, LinkOutcome.ALREADY]
    assert cases(database) == []


def test_an_account_may_have_several_customers(database: Database, house: HouseRules, claim: Claim) -> None:
    claimant = reader(database)
    claim(claimant)
    with database.transaction() as session:
        assert links.link(session, house, "cus_another", claimant.id, Proof.PAPER) is LinkOutcome.LINKED
    assert owner(database) == claimant.id


def test_a_subscription_that_names_another_account_stays_there(database: Database, orphan: str, claim: Claim) -> None:
    claimant, named = reader(database), reader(database)
    with database.transaction() as session:
        session.get_one(Subscription, orphan).account_id = named.id
    assert claim(claimant) is LinkOutcome.LINKED
    with database.reading() as session:
        assert session.get_one(Subscription, orphan).account_id == named.id


def test_a_banned_readers_claim_counts_and_the_ban_holds(
    database: Database, house: HouseRules, site: Site, claim: Claim
) -> None:
    claimant = reader(database)
    with database.transaction() as session:
        factories.sanction(session, claimant, BAN, at=site)
    assert claim(claimant) is LinkOutcome.LINKED
    assert owner(database) == claimant.id
    assert not may_write(database, claimant, site, house)


def test_a_second_account_moves_nothing_and_asks_a_moderator_once(
    database: Database, house: HouseRules, site: Site, claim: Claim
) -> None:
    first, second = reader(database), reader(database)
    claim(first)
    assert [claim(second) for _ in range(2)] == [LinkOutcome.CONTESTED] * 2
    assert owner(database) == first.id
    assert not may_write(database, second, site, house)
    (case,) = cases(database)
    assert (case.kind, case.account_id, case.reference) == (CONTESTED_LINK, second.id, CUSTOMER)
    with database.reading() as session:
        (item,) = session.scalars(select(Item).where(Item.kind == payment_cases.ITEM_KIND))
    assert item.subject_id == case.id


def test_what_was_judged_is_not_asked_again(database: Database, claim: Claim) -> None:
    first, second = reader(database), reader(database)
    claim(first)
    claim(second)
    with database.transaction() as session:
        session.scalars(select(PaymentCase)).one().outcome = "dismissed"
    assert claim(second) is LinkOutcome.CONTESTED
    assert len(cases(database)) == 1


def test_a_customer_of_an_erased_account_stays_with_it_and_a_claim_is_judged(database: Database, claim: Claim) -> None:
    first, second = reader(database), reader(database)
    claim(first)
    with database.transaction() as session:
        erasure.erase(session, first.id)
    assert claim(second) is LinkOutcome.CONTESTED
    assert owner(database) == first.id


def test_a_moderator_moves_the_customer_and_who_had_it_loses_what_it_pays(
    database: Database, house: HouseRules, site: Site, orphan: str, claim: Claim
) -> None:
    first, second, moderator = (reader(database) for _ in range(3))
    claim(first)
    claim(second)
    with database.transaction() as session:
        session.get_one(Subscription, orphan).account_id = first.id  # as the worker left it
    assert may_write(database, first, site, house)
    with database.transaction() as session:
        links.move(session, moderator.id, session.scalars(select(PaymentCase.id)).one())
    assert owner(database) == second.id
    assert [may_write(database, each, site, house) for each in (first, second)] == [False, False]
    with database.reading() as session:
        assert session.get_one(Subscription, orphan).account_id is None
        (entry,) = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "customer.move"))
    assert (entry.actor_id, entry.subject_id) == (moderator.id, second.id)
    assert entry.details == {"customer": CUSTOMER, "former": str(first.id)}


def test_it_moves_from_an_erased_account_too_and_never_to_one(database: Database, claim: Claim) -> None:
    first, second, third = (reader(database) for _ in range(3))
    claim(first)
    claim(second)
    claim(third)
    to_second, to_third = cases(database)
    with database.transaction() as session:
        erasure.erase(session, first.id)
        erasure.erase(session, third.id)
    with pytest.raises(Conflict), database.transaction() as session:
        links.move(session, second.id, to_third.id)
    with database.transaction() as session:
        links.move(session, first.id, to_second.id)
    assert owner(database) == second.id


@pytest.mark.parametrize("_again", range(3))
def test_of_many_claims_at_once_one_is_linked_and_each_other_is_a_case(
    database: Database, claim: Claim, _again: int
) -> None:
    claimants = [reader(database) for _ in range(8)]
    outcomes = at_once(retrying(lambda n: claim(claimants[n])), 8)
    assert sorted(outcomes) == [LinkOutcome.CONTESTED] * 7 + [LinkOutcome.LINKED]
    winner = claimants[outcomes.index(LinkOutcome.LINKED)]
    assert owner(database) == winner.id
    assert {case.account_id for case in cases(database)} == {each.id for each in claimants} - {winner.id}
