"""A subscription bought where we did not send the buyer, as by a Payment Link: kept, and nobody's until proven."""

import pytest
from sqlalchemy import select

from app.billing import links, references
from app.billing.entitlement import Reason
from app.billing.links import Proof
from app.models import Account, Customer, PaymentCase, Subscription, Trait
from app.models.payment_case import CONTESTED_LINK, PAID_TWICE
from app.models.trait import MAILBOX
from app.simulator import checkouts, shapes
from config.settings import SIMULATED_PRICE
from tests.support import factories
from tests.support.paper import Paper
from tests.support.stripe_world import eventually


def buy(paper: Paper, reference: str | None, customer: str | None = None) -> str:
    """Somebody buys by a Payment Link with this client_reference_id in its address; the customer's id."""
    store = paper.simulated
    with store.transaction():
        payer = customer or store.save("customer", shapes.customer("payer@example.org", None, {}))["id"]
        asked = {"mode": "subscription", "customer": payer, "line_items": [{"price": SIMULATED_PRICE}]}
        session = shapes.checkout_session(asked | {"client_reference_id": reference}, "")
        checkouts.complete(store, session)
    hear(paper)
    return str(payer)


def hear(paper: Paper) -> None:
    paper.control("clock/advance", seconds=0)  # wakes the courier
    eventually(lambda: not paper.simulated.rows("SELECT id FROM deliveries WHERE state = 'waiting'"))
    paper.work()


def owner(paper: Paper, customer: str) -> int | None:
    with paper.database.reading() as session:
        return session.get_one(Customer, customer).account_id


def other_reader(paper: Paper) -> Account:
    with paper.database.transaction() as session:
        return factories.account(session)


FORGED = ("{id}", "{id}-", "{id}-" + "0" * references.DIGEST_DIGITS, "{id}-{other}", "nobody", None)


@pytest.mark.parametrize("forged", FORGED)
def test_a_reference_that_a_buyer_made_up_gives_nobody_anything(paper: Paper, forged: str | None) -> None:
    """`{other}` is a digest that we did issue, to somebody else."""
    _, _, other = references.issue(paper.settings, other_reader(paper).id).partition("-")
    customer = buy(paper, forged and forged.format(id=paper.reader.id, other=other))
    assert owner(paper, customer) is None
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION
    with paper.database.reading() as session:
        kept = session.scalars(select(Subscription).where(Subscription.customer_id == customer)).one()
        assert (kept.account_id, kept.status) == (None, "active")
        assert session.get_one(Customer, customer).email_token is not None


def test_a_reference_of_ours_links_the_customer_that_nobody_knew(paper: Paper) -> None:
    customer = buy(paper, references.issue(paper.settings, paper.reader.id))
    assert owner(paper, customer) == paper.reader.id
    assert paper.entitlement().reason is Reason.ACTIVE


def test_a_reference_of_ours_does_not_move_somebody_elses_customer(paper: Paper) -> None:
    customer = buy(paper, references.issue(paper.settings, paper.reader.id))
    thief = other_reader(paper)
    buy(paper, references.issue(paper.settings, thief.id), customer)
    assert owner(paper, customer) == paper.reader.id
    with paper.database.reading() as session:
        cases = session.scalars(select(PaymentCase).order_by(PaymentCase.kind)).all()
    # whoever paid, the customer has two subscriptions now that sell the same
    assert [(case.kind, case.account_id) for case in cases] == [
        (CONTESTED_LINK, thief.id),
        (PAID_TWICE, paper.reader.id),
    ]
    assert cases[0].reference == customer


def test_an_orphan_that_is_linked_counts_as_soon_as_it_is_captured(paper: Paper) -> None:
    customer = buy(paper, None)
    with paper.database.transaction() as session:
        links.link(session, paper.house, customer, paper.reader.id, Proof.OPERATOR)
    assert (paper.entitlement().allowed, captured(paper)) == (False, set())
    paper.work()
    assert (paper.entitlement().allowed, captured(paper)) == (True, {"card", "email"})


def captured(paper: Paper) -> set[str]:
    mine = select(Trait.kind).where(Trait.account_id == paper.reader.id, Trait.kind != MAILBOX)
    with paper.database.reading() as session:
        return set(session.scalars(mine))
