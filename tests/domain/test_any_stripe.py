"""What we make of Stripe's answers is right at any Stripe, ours, somebody else's and Stripe's own sandbox."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from app import clock
from app.billing import facts, subscriptions, sync
from app.billing.entitlement import Entitlement, Reason
from app.db import Database
from app.gateway.client import Stripe
from app.models import Account, Customer, Site
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, stripes
from tests.support.assembled import assembled
from tests.support.stripes import DECLINED_LATER, AnyStripe


@pytest.fixture(scope="module", params=["simulator", "localstripe", "sandbox"])
def stripe(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyStripe]:
    if request.param == "simulator":
        with stripes.simulated(tmp_path_factory.mktemp("stripe")) as found:
            yield found
    elif request.param == "localstripe":
        with stripes.foreign() as found:
            yield found
    else:
        with stripes.sandbox() as known:
            if known is None:
                pytest.skip(
                    "sandbox: STRIPE_API_KEY names none (sk_test_... of a sandbox, STRIPE_API_BASE if not Stripe)"
                )
            yield known


@dataclass
class Reader:
    """A reader of our paper who is a customer of that Stripe."""

    stripe: AnyStripe
    settings: Settings
    house: HouseRules
    database: Database
    site: Site
    account: Account
    customer: str

    def heard_of(self, subscription: str) -> Entitlement:
        """Somebody hinted at the subscription; what the reader may do once we have asked."""
        ours = Stripe(self.settings)
        with self.database.transaction() as session:
            sync.request(session, sync.SUBSCRIPTION, subscription)
        assert subscriptions.refresh(assembled(self.settings, self.house, self.database, stripe=ours), subscription)
        with self.database.reading() as session:
            return facts.entitlement(session, self.account.id, self.site, clock.now(), self.house.at({}))


@pytest.fixture
def reader(stripe: AnyStripe, settings: Settings, house: HouseRules, database: Database) -> Reader:
    at_stripe = replace(settings, stripe_mode="test", stripe_api_key=stripe.key, stripe_api_base=stripe.address)
    customer = stripe.customer()
    with database.transaction() as session:
        site = factories.site(session, products=(stripe.product,))
        account = factories.account(session)
        session.add(Customer(id=customer, account_id=account.id, created_at=clock.now()))
    return Reader(stripe, at_stripe, house, database, site, account, customer)


def test_a_customer_without_a_subscription_may_not_write(reader: Reader) -> None:
    with reader.database.reading() as session:
        answer = facts.entitlement(session, reader.account.id, reader.site, clock.now(), reader.house.at({}))
    assert (answer.allowed, answer.reason) == (False, Reason.NO_SUBSCRIPTION)


def test_who_pays_may_write_until_the_period_and_the_lease_end(reader: Reader) -> None:
    reader.stripe.pays_with(reader.customer)
    answer = reader.heard_of(reader.stripe.subscribe(reader.customer))
    assert (answer.allowed, answer.reason) == (True, Reason.ACTIVE)
    assert answer.until is not None
    assert 28 + 3 <= (answer.until - clock.now()).days <= 31 + 3


def test_a_cancellation_at_the_end_of_the_period_ends_it_there(reader: Reader) -> None:
    reader.stripe.pays_with(reader.customer)
    bought = reader.stripe.subscribe(reader.customer)
    reader.stripe.v1.subscriptions.update(bought, {"cancel_at_period_end": True})
    answer = reader.heard_of(bought)
    assert answer.allowed
    assert answer.until is not None
    assert 27 <= (answer.until - clock.now()).days <= 31


def test_a_cancelled_subscription_lets_nobody_write(reader: Reader) -> None:
    reader.stripe.pays_with(reader.customer)
    bought = reader.stripe.subscribe(reader.customer)
    assert reader.heard_of(bought).allowed
    reader.stripe.v1.subscriptions.cancel(bought)
    answer = reader.heard_of(bought)
    assert (answer.allowed, answer.reason) == (False, Reason.ENDED)


def test_a_first_payment_that_fails_lets_nobody_write(reader: Reader) -> None:
    reader.stripe.pays_with(reader.customer, DECLINED_LATER)
    answer = reader.heard_of(reader.stripe.subscribe(reader.customer))
    assert (answer.allowed, answer.reason) == (False, Reason.INCOMPLETE)


def test_a_subscription_that_stripe_does_not_know_grants_nothing(reader: Reader) -> None:
    assert not reader.heard_of("sub_unknown").allowed


def test_one_subscription_that_ended_takes_nothing_from_another(reader: Reader) -> None:
    reader.stripe.pays_with(reader.customer)
    first, second = reader.stripe.subscribe(reader.customer), reader.stripe.subscribe(reader.customer)
    assert reader.heard_of(second).allowed
    reader.stripe.v1.subscriptions.cancel(first)
    assert reader.heard_of(first).allowed


def test_the_same_card_has_the_same_fingerprint_for_two_customers(stripe: AnyStripe) -> None:
    fingerprints = [stripe.pays_with(stripe.customer()) for _ in range(2)]
    assert fingerprints[0] == fingerprints[1]
    assert fingerprints[0]
