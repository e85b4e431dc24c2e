"""A banned reader's card paid for a customer that nobody has: whoever claims it is asked about before they write."""

import pytest
from sqlalchemy import func, select

from app.billing import links
from app.billing.links import LinkOutcome, Proof
from app.models import Account, Charge, PaymentCase
from app.simulator import lifecycle, methods, shapes
from app.simulator.lifecycle import SubscriptionOrder
from app.simulator.store import Object
from config.settings import SIMULATED_PRICE
from tests.support.banned_payers import CARD, OTHER_CARD, banned_payer, post, reader
from tests.support.paper import Paper
from tests.support.stripe_world import eventually

HELD = (402, "identity_review")


@pytest.fixture
def orphan(paper: Paper) -> Object:
    """Paid at a Payment Link of the paper's: it is known, and waits for its reader."""
    banned_payer(paper)
    store = paper.simulated
    with store.transaction():
        customer = store.save("customer", shapes.customer("payer@example.org", None, {}))
        methods.make_default(store, customer, methods.attach(store, methods.from_card(CARD), customer["id"]))
        lifecycle.create_subscription(store, SubscriptionOrder(customer["id"], SIMULATED_PRICE, {}))
    eventually(lambda: known(paper, customer["id"]))
    return customer


def known(paper: Paper, customer_id: str) -> bool:
    paper.work()
    with paper.database.reading() as session:
        mine = select(func.count()).select_from(Charge).where(Charge.customer_id == customer_id)
        return session.scalar(mine) == 1


def claim(paper: Paper, customer_id: str, account: Account) -> None:
    with paper.database.transaction() as session:
        assert links.link(session, paper.house, customer_id, account.id, Proof.LETTER) is LinkOutcome.LINKED


def asked_about(paper: Paper, account: Account) -> int:
    """How often a moderator is asked whether this is a banned reader who came back."""
    with paper.database.reading() as session:
        asked = select(func.count()).select_from(PaymentCase).where(PaymentCase.account_id == account.id)
        return session.scalar(asked) or 0


def test_nobody_who_claims_it_writes_before_it_is_asked_about(paper: Paper, orphan: Object) -> None:
    returned = reader(paper)
    claim(paper, orphan["id"], returned)
    assert (post(paper, returned), asked_about(paper, returned)) == (HELD, 0)
    paper.work()
    assert (post(paper, returned), asked_about(paper, returned)) == (HELD, 1)


def test_a_card_that_was_taken_off_before_the_claim_counts_as_well(paper: Paper, orphan: Object) -> None:
    store = paper.simulated
    with store.transaction():
        card = store.get("payment_method", orphan["invoice_settings"]["default_payment_method"])
        another = methods.attach(store, methods.from_card(OTHER_CARD), orphan["id"])
        methods.make_default(store, store.get("customer", orphan["id"]), another)
        methods.detach(store, card)
    paper.work()
    returned = reader(paper)
    claim(paper, orphan["id"], returned)
    paper.work()
    assert post(paper, returned) == HELD
