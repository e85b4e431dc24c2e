"""A site may sell the right to write as a feature of Stripe's, whatever it comes with; lists have many pages."""

import pytest

from app.billing.entitlement import Reason
from app.gateway.client import LONGEST_SLICE
from app.models import Customer, Subscription
from app.simulator import catalog, entitlements
from app.simulator.shapes import ITEMS_SHOWN
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT
from tests.support import factories
from tests.support.paper import Paper

LOOKUP_KEY = "write_comments"


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives, so that each test gives the hints itself."""
    paper.control("knobs", drop_percent=100)
    return paper


def sell(paper: Paper, *names: str) -> None:
    """From now on these let readers of the paper's site write."""
    with paper.database.transaction() as session:
        paper.site = factories.site(session, products=names)


def give_feature(paper: Paper, lookup_key: str = LOOKUP_KEY) -> None:
    with paper.simulated.transaction():
        entitlements.add_feature(paper.simulated, SIMULATED_PRODUCT, lookup_key)


def begin(paper: Paper, *prices: str) -> tuple[str, str]:
    """The reader subscribes, unheard; the ids of subscription and customer."""
    subscription = paper.sold(*prices, account_id=paper.reader.id)
    return subscription, paper.simulated.get("subscription", subscription)["customer"]


def test_a_feature_lets_write_whose_name_the_site_sells_and_no_other(paper: Paper) -> None:
    sell(paper, LOOKUP_KEY)
    give_feature(paper, "crosswords")
    subscription, customer = begin(paper)
    paper.look("subscription", subscription)
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION
    give_feature(paper)
    paper.look("customer", customer)
    assert paper.entitlement().reason is Reason.ACTIVE


def test_a_feature_that_is_taken_away_takes_the_right_to_write_along(paper: Paper) -> None:
    sell(paper, LOOKUP_KEY)
    give_feature(paper)
    subscription, customer = begin(paper)
    paper.look("subscription", subscription)
    assert paper.entitlement().allowed
    with paper.simulated.transaction():
        product = paper.simulated.get("product", SIMULATED_PRODUCT)
        paper.simulated.save("product", product | {"_features": []})
        entitlements.refresh(paper.simulated, customer)
    paper.look("customer", customer)
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION


def test_a_feature_of_somebody_who_pays_no_more_lets_nobody_write(paper: Paper) -> None:
    sell(paper, LOOKUP_KEY)
    give_feature(paper)
    subscription, _customer = begin(paper)
    paper.look("subscription", subscription)
    paper.control(f"subscriptions/{subscription}/cancel")
    paper.look("subscription", subscription)
    assert not paper.entitlement().allowed


def test_all_pages_of_features_are_read(paper: Paper) -> None:
    """Stripe lists the newest first, so the one that counts is on the last page."""
    sell(paper, LOOKUP_KEY)
    give_feature(paper)
    subscription, customer = begin(paper)
    with paper.simulated.transaction():
        for number in range(LONGEST_SLICE):
            entitlements.add_feature(paper.simulated, SIMULATED_PRODUCT, f"feature_{number}")
    paper.look("subscription", subscription)
    with paper.database.reading() as session:
        assert len(session.get_one(Customer, customer).features) == LONGEST_SLICE + 1
    assert paper.entitlement().reason is Reason.ACTIVE


def test_all_pages_of_items_are_read(paper: Paper) -> None:
    """A subscription shows the first ten of its items, and only the one after them is on sale here."""
    with paper.simulated.transaction():
        others = [catalog.product(f"Another paper {number}") for number in range(ITEMS_SHOWN)]
        prices = [catalog.price(each["id"], 100, "gbp", "month") for each in others]
        for kind, things in (("product", others), ("price", prices)):
            for thing in things:
                paper.simulated.save(kind, thing)
    subscription, _customer = begin(paper, *(price["id"] for price in prices), SIMULATED_PRICE)
    paper.look("subscription", subscription)
    assert paper.entitlement().reason is Reason.ACTIVE
    with paper.database.reading() as session:
        assert len(session.get_one(Subscription, subscription).products) == 2 * (ITEMS_SHOWN + 1)
