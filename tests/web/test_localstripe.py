"""Webhooks that somebody else's Stripe wrote, signed and sent over real sockets: once each, a second later."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from flask import Response, request
from sqlalchemy import func, select

from app import clock, worker
from app.billing import facts
from app.billing.entitlement import Entitlement, Reason
from app.db import Database
from app.gateway import client
from app.gateway.client import StripeUnavailable
from app.models import Account, Customer, Site, StripeEvent
from app.reconcile import runs
from app.web.application import create_app
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, localstripe, stripes
from tests.support.assembled import assembled
from tests.support.loopback import Loopback, serving
from tests.support.stripe_world import eventually
from tests.support.stripes import AnyStripe

WEBHOOK = "/stripe/webhook"
# seconds; localstripe sends a second late, and a busy machine later still
PATIENCE = 60.0
OLD_SECRET, NEW_SECRET = "whsec_the_old_one", "whsec_the_new_one"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def stripe() -> Iterator[AnyStripe]:
    with stripes.foreign() as found:
        yield found


@dataclass
class Newspaper:
    """A paper that localstripe tells, with a reader who is its customer."""

    stripe: AnyStripe
    settings: Settings
    house: HouseRules
    database: Database
    server: Loopback
    site: Site
    reader: Account
    customer: str
    # the statuses that we answered with
    answers: list[int]

    def hear(self, *secrets: str) -> None:
        """Have localstripe tell us, once for each secret; earlier registrations go to nobody."""
        for name, secret in zip(("first", "second"), (*secrets, "whsec_nobody"), strict=False):
            path = WEBHOOK if secret != "whsec_nobody" else "/nowhere"
            localstripe.register(self.stripe.address, name, self.server.url + path, secret)

    def heard(self, kind: str) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).where(StripeEvent.type == kind)) or 0

    def work(self) -> None:
        worker.runner(assembled(self.settings, self.house, self.database)).run_all()

    def entitlement(self) -> Entitlement:
        with self.database.reading() as session:
            return facts.entitlement(session, self.reader.id, self.site, clock.now(), self.house.at({}))


@pytest.fixture
def paper(stripe: AnyStripe, settings: Settings, house: HouseRules, database: Database) -> Iterator[Newspaper]:
    settings = replace(
        settings,
        stripe_mode="test",
        stripe_api_key=stripe.key,
        stripe_api_base=stripe.address,
        stripe_webhook_secrets=(OLD_SECRET, NEW_SECRET),
    )
    with serving() as server:
        answers: list[int] = []
        app = create_app(assembled(settings, house, database))

        def note(answer: Response) -> Response:
            if request.path == WEBHOOK:
                answers.append(answer.status_code)
            return answer

        app.after_request(note)
        server.application = app
        customer = stripe.customer()
        with database.transaction() as session:
            site = factories.site(session, products=(stripe.product,))
            reader = factories.account(session)
            session.add(Customer(id=customer, account_id=reader.id, created_at=clock.now()))
        yield Newspaper(stripe, settings, house, database, server, site, reader, customer, answers)


def test_what_was_bought_is_heard_of_and_counts(paper: Newspaper) -> None:
    paper.hear(OLD_SECRET)
    paper.stripe.pays_with(paper.customer)
    paper.stripe.subscribe(paper.customer)
    eventually(lambda: paper.heard("customer.subscription.created") == 1, PATIENCE)
    paper.work()
    assert paper.entitlement().reason is Reason.ACTIVE


def test_an_event_that_comes_under_both_secrets_of_a_rotation_counts_once(paper: Newspaper) -> None:
    paper.hear(OLD_SECRET, NEW_SECRET)
    paper.stripe.pays_with(paper.customer)
    paper.stripe.subscribe(paper.customer)
    eventually(lambda: paper.heard("customer.subscription.created") == 1, PATIENCE)
    paper.work()
    assert paper.heard("customer.subscription.created") == 1
    assert paper.entitlement().allowed


def test_what_a_stranger_signed_is_refused_and_leaves_no_trace(paper: Newspaper) -> None:
    paper.hear("whsec_of_a_stranger")
    paper.stripe.pays_with(paper.customer)
    paper.stripe.subscribe(paper.customer)
    eventually(lambda: len(paper.answers) >= 3, PATIENCE)
    assert set(paper.answers) == {400}
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == 0
    paper.work()
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION


def test_a_cancellation_is_heard_of_and_ends_it(paper: Newspaper) -> None:
    paper.hear(NEW_SECRET)
    paper.stripe.pays_with(paper.customer)
    bought = paper.stripe.subscribe(paper.customer)
    eventually(lambda: paper.heard("customer.subscription.created") == 1, PATIENCE)
    paper.work()
    assert paper.entitlement().allowed
    paper.stripe.v1.subscriptions.cancel(bought)
    eventually(lambda: paper.heard("customer.subscription.deleted") >= 1, PATIENCE)
    paper.work()
    assert paper.entitlement().reason is Reason.ENDED


def test_a_first_payment_that_is_declined_is_heard_of_and_grants_nothing(paper: Newspaper) -> None:
    paper.hear(OLD_SECRET)
    paper.stripe.pays_with(paper.customer, stripes.DECLINED_LATER)
    paper.stripe.subscribe(paper.customer)
    eventually(lambda: paper.heard("customer.subscription.created") == 1, PATIENCE)
    paper.work()
    assert paper.entitlement().reason is Reason.INCOMPLETE


def test_a_customer_who_is_deleted_there_may_not_write_here(paper: Newspaper) -> None:
    paper.hear(NEW_SECRET)
    paper.stripe.pays_with(paper.customer)
    paper.stripe.subscribe(paper.customer)
    eventually(lambda: paper.heard("customer.subscription.created") == 1, PATIENCE)
    paper.work()
    assert paper.entitlement().allowed
    paper.stripe.v1.customers.delete(paper.customer)
    eventually(lambda: paper.heard("customer.deleted") == 1, PATIENCE)
    paper.work()
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION


def test_what_was_told_while_we_were_away_is_found_by_reconciling(paper: Newspaper) -> None:
    paper.hear(OLD_SECRET)
    paper.server.stop()
    paper.stripe.pays_with(paper.customer)
    paper.stripe.subscribe(paper.customer)
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION
    with suppress(StripeUnavailable):  # it lists no refunds by date; what it showed before is marked
        for _drifts in runs.whole(paper.database, client.connect(paper.settings)):
            pass
    paper.work()
    assert paper.entitlement().reason is Reason.ACTIVE
