"""From Checkout to the first comment where readers write under the name they pay under, over real sockets."""

import time

import pytest
import requests
from sqlalchemy import select

from app.accounts import names
from app.billing import links, sync
from app.billing.entitlement import Reason
from app.gateway import billing_names
from app.gateway.client import Stripe, StripeUnavailable
from app.models import Account, Customer, Model, PaymentCase, Subscription
from app.models.account import EXCEPTION, MATCH, MISMATCH
from app.models.payment_case import CONTESTED_LINK
from app.models.role import MODERATOR
from app.payers import name_checks, payment_cases
from app.payers.payment_cases import PayerFinding
from config.policy import HouseRules
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.paper import Paper
from tests.support.scorers import Marked

FINE = Marked().score(["fine"], 1)
# found nowhere else, so that it can be looked for everywhere
PAYER = "Zebedee Quillfeather"


@pytest.fixture
def house(house: HouseRules) -> HouseRules:
    return HouseRules(house.at({"payments": {"names": "required"}}))


def subscribe(paper: Paper, name: str = PAYER) -> requests.Session:
    """Pay with a card on `name`, come back and let the worker do its work; the reader's browser."""
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser), name=name), timeout=10)
    paper.work()
    return browser


def rename(paper: Paper, name: str) -> None:
    with paper.database.transaction() as session:
        session.get_one(Account, paper.reader.id).name_changed_at = None
        names.change(session, paper.house, paper.reader.id, name, FINE)


def check(paper: Paper) -> str | None:
    with paper.database.reading() as session:
        return session.get_one(Account, paper.reader.id).name_check


def customer_of(paper: Paper) -> str:
    with paper.database.reading() as session:
        return session.scalars(select(Customer.id)).one()


def kept(paper: Paper) -> str:
    """Every row of every table."""
    with paper.database.reading() as session:
        tables = Model.metadata.sorted_tables
        return "\n".join(f"{table.name}: {row}" for table in tables for row in session.execute(select(table)))


def test_a_subscriber_under_another_name_waits_until_they_write_under_the_one_they_pay_under(paper: Paper) -> None:
    browser = subscribe(paper)
    assert paper.entitlement().reason is Reason.NAME_MISMATCH
    page = browser.get(f"{paper.settings.public_url}/account", timeout=10).text
    assert "Your name is not the one you pay under." in page
    rename(paper, "Z. Quillfeather")
    assert paper.entitlement().reason is Reason.NAME_UNCHECKED
    paper.work()
    assert paper.entitlement().reason is Reason.ACTIVE


def test_who_has_paid_and_was_not_compared_yet_waits(paper: Paper) -> None:
    rename(paper, PAYER)
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser), name=PAYER), timeout=10)
    assert paper.entitlement().reason is Reason.NAME_UNCHECKED
    paper.work()
    assert paper.entitlement().allowed


def test_the_name_of_the_payer_is_kept_in_no_row_and_no_log(paper: Paper, capfd: pytest.CaptureFixture[str]) -> None:
    with paper.database.transaction() as session:
        session.get_one(Account, paper.reader.id).name = "Z. Quillfeather"
    subscribe(paper)
    assert check(paper) == MATCH
    with paper.database.transaction() as session:
        name_checks.request_all(session)
    paper.work()
    said = capfd.readouterr()
    assert "z. quillfeather" in kept(paper).casefold()
    assert "zebedee" not in kept(paper).casefold()
    assert "route=/subscription/return" in said.out + said.err
    assert "zebedee" not in (said.out + said.err).casefold()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_period_that_is_paid_has_the_name_compared_and_other_news_of_a_subscription_do_not(paper: Paper) -> None:
    subscribe(paper)
    with paper.database.transaction() as session:
        subscription_id = session.scalars(select(Subscription.id)).one()
    for move, compared in (("trial_will_end", False), ("renew", True), ("pay", False)):
        with paper.database.transaction() as session:
            session.get_one(Account, paper.reader.id).name_check = MATCH
        time.sleep(1)  # Stripe counts in seconds: a period that ends in the same one is the same period
        paper.control(f"subscriptions/{subscription_id}/{move}")
        with paper.database.transaction() as session:
            sync.request(session, sync.SUBSCRIPTION, subscription_id)
        paper.work()
        assert check(paper) == (MISMATCH if compared else MATCH), move


def test_the_next_payment_under_another_name_is_noticed_but_for_an_exception(paper: Paper) -> None:
    subscribe(paper)
    for before, after in ((MATCH, MISMATCH), (EXCEPTION, EXCEPTION)):
        with paper.database.transaction() as session:
            session.get_one(Account, paper.reader.id).name_check = before
            names.compare(session, paper.reader.id)
        paper.work()
        assert check(paper) == after


def test_a_check_of_a_name_that_was_changed_meanwhile_says_nothing_of_the_new_one(paper: Paper) -> None:
    subscribe(paper)

    class Meanwhile(Stripe):
        """Slow enough for the reader to take another name before it answers."""

        def slice(self, listing: object) -> object:  # type: ignore[override]
            rename(paper, "Harbour Gull")
            return super().slice(listing)  # type: ignore[arg-type]

    rename(paper, PAYER)
    name_checks.check(
        assembled(paper.settings, paper.house, paper.database, stripe=Meanwhile(paper.settings)), paper.reader.id
    )
    assert check(paper) is None
    paper.work()
    assert check(paper) == MISMATCH


def test_who_loses_a_customer_to_its_real_owner_loses_the_check_of_that_name(paper: Paper) -> None:
    subscribe(paper)
    rename(paper, PAYER)
    paper.work()
    assert check(paper) == MATCH
    with paper.database.transaction() as session:
        owner, moderator = factories.account(session), factories.staff(session, MODERATOR)
        customer_id = session.scalars(select(Customer.id)).one()
        payment_cases.ask(session, paper.house, PayerFinding(CONTESTED_LINK, owner.id, customer_id))
        links.move(session, moderator.id, session.scalars(select(PaymentCase.id)).one())
    paper.work()
    assert check(paper) is None


def test_while_stripe_is_away_nothing_is_decided(paper: Paper) -> None:
    subscribe(paper)
    rename(paper, PAYER)
    paper.stripe_goes_away()
    with pytest.raises(StripeUnavailable):
        name_checks.check(paper.it, paper.reader.id)
    assert check(paper) is None


def test_where_names_are_free_stripe_is_not_even_asked(paper: Paper, house: HouseRules) -> None:
    subscribe(paper)
    rename(paper, PAYER)
    paper.stripe_goes_away()
    free = HouseRules(house.at({"payments": {"names": "free"}}))
    name_checks.check(assembled(paper.settings, free, paper.database), paper.reader.id)
    assert check(paper) is None


def test_the_name_is_that_of_the_latest_payment_else_of_the_card_else_of_the_customer(paper: Paper) -> None:
    subscribe(paper)
    customer, stripe, store = customer_of(paper), Stripe(paper.settings), paper.simulated
    with store.transaction():
        store.save("customer", store.get("customer", customer) | {"name": "Carla Customer"})
    on_all(paper, "payment_method", customer, billing_details={"name": "Mia Method"})
    assert billing_names.of_customer(stripe, customer) == PAYER
    on_all(paper, "charge", customer, paid=False)
    assert billing_names.of_customer(stripe, customer) == "Mia Method"
    on_all(paper, "payment_method", customer, billing_details={"name": None})
    assert billing_names.of_customer(stripe, customer) == "Carla Customer"
    assert billing_names.of_customer(stripe, "cus_nobody") is None


def on_all(paper: Paper, kind: str, customer: str, **values: object) -> None:
    """Change everything of a kind at Stripe, unheard."""
    with paper.simulated.transaction():
        for thing in paper.simulated.find(kind, {"customer": customer}):
            paper.simulated.save(kind, thing | values)
