"""Whose a Checkout is: the account whose signed reference it carries, and nobody else's."""

import pytest
from sqlalchemy import select

from app.billing import references
from app.billing.entitlement import Reason
from app.models import Customer
from app.simulator import lifecycle
from config.settings import Settings
from tests.support.paper import Paper


@pytest.fixture
def paper(paper: Paper) -> Paper:
    paper.control("knobs", drop_percent=100)
    return paper


@pytest.mark.parametrize("forged", ["{id}", "{id}-", "{id}-" + "0" * 32, "-", "", "x-é", "1" * 40 + "-ab", None])
def test_a_reference_that_we_never_issued_names_nobody(settings: Settings, forged: str | None) -> None:
    assert references.account_of(settings, forged and forged.format(id=77)) is None


def test_a_reference_names_the_account_that_it_was_issued_for(settings: Settings) -> None:
    issued = references.issue(settings, 77)
    assert references.account_of(settings, issued) == 77
    assert references.account_of(settings, issued.replace("77-", "78-")) is None
    assert len(issued) <= 200


def test_a_customer_that_stripe_deleted_unheard_is_replaced_at_checkout(paper: Paper) -> None:
    browser = paper.browser()
    paper.go_to_checkout(browser)
    with paper.database.reading() as session:
        first = session.scalars(select(Customer.id)).one()
    with paper.simulated.transaction():
        lifecycle.delete_customer(paper.simulated, paper.simulated.get("customer", first))
    back = paper.pay(paper.go_to_checkout(browser))
    assert browser.get(back, timeout=10).status_code == 200
    assert paper.entitlement().reason is Reason.ACTIVE
    with paper.database.reading() as session:
        known = {row.id: row.deleted for row in session.scalars(select(Customer))}
    assert known.pop(first)
    assert list(known.values()) == [False]


def test_the_portal_of_a_customer_that_stripe_deleted_is_not_found(paper: Paper) -> None:
    browser = paper.browser()
    paper.go_to_checkout(browser)
    with paper.database.reading() as session:
        only = session.scalars(select(Customer.id)).one()
    with paper.simulated.transaction():
        lifecycle.delete_customer(paper.simulated, paper.simulated.get("customer", only))
    answer = browser.post(f"{paper.settings.public_url}/subscription/manage", allow_redirects=False, timeout=10)
    assert answer.status_code == 404


def test_nobody_comes_back_with_a_reference_of_their_own_making(paper: Paper) -> None:
    browser = paper.browser()
    back = paper.pay(paper.go_to_checkout(browser))
    session_id = back.partition("session=")[2]
    with paper.simulated.transaction():
        bought = paper.simulated.get("checkout.session", session_id)
        paper.simulated.save("checkout.session", bought | {"client_reference_id": str(paper.reader.id)})
    assert browser.get(back, timeout=10).status_code == 404
