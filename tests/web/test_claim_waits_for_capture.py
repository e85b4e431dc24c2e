"""Whoever claims an old customer writes when it is known what it pays with, and not a moment before."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.billing import adopt, links, subscriptions, sync
from app.billing.links import Proof
from app.gateway.client import Object, Stripe
from app.models import Account, PaymentCase, Subscription
from app.models.payment_case import ALLOWED, CONTESTED_LINK, POSSIBLE_RETURN
from app.simulator import shapes
from config.settings import SIMULATED_PRICE, Settings
from tests.support.assembled import assembled
from tests.support.banned_payers import CARD, OTHER_CARD, banned_payer, post, reader
from tests.support.paper import Paper

CHECKED = (402, "identity_review")


def older_than_us(paper: Paper, number: str, *chosen: str, **metadata: str) -> str:
    """A customer whose subscription is paid with the card of that `number`, or with the `chosen` one of its two."""
    stripe, store = Stripe(paper.settings), paper.simulated
    customer = stripe.change(lambda v1: v1.customers.create({"email": "payer@example.org", "metadata": metadata}))
    methods = [_attach(stripe, each, customer["id"]) for each in (number, *chosen)]
    with store.transaction():
        subscription = shapes.subscription(customer["id"], store.get("price", SIMULATED_PRICE), {})
        store.save("subscription", subscription | ({"default_payment_method": methods[-1]} if chosen else {}))
    return str(customer["id"])


def _attach(stripe: Stripe, number: str, customer: str) -> str:
    card: Any = {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    method = stripe.change(lambda v1: v1.payment_methods.create(card))["id"]
    stripe.change(lambda v1: v1.payment_methods.attach(method, {"customer": customer}))
    return str(method)


def take_in(paper: Paper) -> None:
    adopt.adopt(paper.it)


def link(paper: Paper, customer: str, account: Account, proof: Proof = Proof.OPERATOR) -> None:
    with paper.database.transaction() as session:
        links.link(session, paper.house, customer, account.id, proof)


def asked_about(paper: Paper) -> list[int]:
    """Who may be a banned reader who is back."""
    with paper.database.reading() as session:
        returns = select(PaymentCase.account_id).where(PaymentCase.kind == POSSIBLE_RETURN).order_by(PaymentCase.id)
        return list(session.scalars(returns))


@pytest.mark.parametrize("proof", list(Proof))
def test_a_banned_payer_who_claims_an_old_customer_writes_at_no_moment(paper: Paper, proof: Proof) -> None:
    banned_payer(paper)
    returned, customer = reader(paper), older_than_us(paper, CARD)
    take_in(paper)
    link(paper, customer, returned, proof)
    assert post(paper, returned) == CHECKED
    paper.work()
    assert post(paper, returned) == CHECKED
    assert asked_about(paper) == [returned.id]


def test_a_card_that_the_old_customer_only_could_pay_with_counts_as_well(paper: Paper) -> None:
    banned_payer(paper)
    returned, customer = reader(paper), older_than_us(paper, CARD, OTHER_CARD)
    take_in(paper)
    link(paper, customer, returned)
    assert post(paper, returned) == CHECKED
    paper.work()
    assert post(paper, returned) == CHECKED
    assert asked_about(paper) == [returned.id]


def test_an_honest_reader_writes_as_soon_as_it_is_known(paper: Paper) -> None:
    banned_payer(paper)
    subscriber, customer = reader(paper), older_than_us(paper, OTHER_CARD)
    take_in(paper)
    link(paper, customer, subscriber)
    assert post(paper, subscriber) == CHECKED
    paper.work()
    assert post(paper, subscriber)[0] == 201


def test_whom_the_metadata_of_an_adopted_customer_names_waits_too(paper: Paper) -> None:
    banned_payer(paper)
    returned = reader(paper)
    older_than_us(paper, CARD, account_id=str(returned.id))
    take_in(paper)
    assert post(paper, returned) == CHECKED
    paper.work()
    assert post(paper, returned) == CHECKED
    assert asked_about(paper) == [returned.id]


def test_what_a_moderator_moves_is_lost_at_once_and_counts_elsewhere_when_it_is_known(paper: Paper) -> None:
    banned_payer(paper)
    former, returned, customer = reader(paper), reader(paper), older_than_us(paper, OTHER_CARD)
    take_in(paper)
    link(paper, customer, former)
    paper.work()
    assert post(paper, former)[0] == 201
    _attach(Stripe(paper.settings), CARD, customer)
    move(paper, customer, returned)
    assert post(paper, former) == (402, "no_subscription")
    assert post(paper, returned) == CHECKED
    paper.work()
    assert post(paper, returned) == CHECKED
    assert asked_about(paper) == [returned.id]


def move(paper: Paper, customer: str, to: Account) -> None:
    link(paper, customer, to)
    with paper.database.transaction() as session:
        case = session.scalars(select(PaymentCase).where(PaymentCase.kind == CONTESTED_LINK)).one()
        links.move(session, to.id, case.id)
        case.outcome = ALLOWED


class Interrupted(Stripe):
    """Something happens between Stripe's first answer and our writing of it."""

    def __init__(self, settings: Settings, between: Callable[[], None]) -> None:
        super().__init__(settings)
        self._between: list[Callable[[], None]] = [between]

    def find(self, retrieve: Callable[[Any], Any]) -> Object | None:
        found = super().find(retrieve)
        while self._between:
            self._between.pop()()
        return found


def test_an_answer_that_was_asked_for_the_former_owner_gives_the_new_one_nothing(paper: Paper) -> None:
    banned_payer(paper)
    former, returned, customer = reader(paper), reader(paper), older_than_us(paper, OTHER_CARD)
    take_in(paper)
    link(paper, customer, former)
    paper.work()
    with paper.database.transaction() as session:
        subscription = session.scalars(select(Subscription.id).where(Subscription.customer_id == customer)).one()
        sync.request(session, sync.SUBSCRIPTION, subscription)
    _attach(Stripe(paper.settings), CARD, customer)
    stripe = Interrupted(paper.settings, lambda: move(paper, customer, returned))
    assert subscriptions.refresh(assembled(paper.settings, paper.house, paper.database, stripe=stripe), subscription)
    assert [post(paper, each) for each in (former, returned)] == [(402, "no_subscription"), CHECKED]
    assert asked_about(paper) == []
    paper.work()
    assert post(paper, returned) == CHECKED
    assert asked_about(paper) == [returned.id]
