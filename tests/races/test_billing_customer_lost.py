"""A customer is deleted at Stripe while a subscription of theirs is on its way to us for the first time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.billing import subscriptions, sync
from app.gateway.invoices import Dues
from app.gateway.snapshot import normalise_subscription
from app.models import Customer, Subscription
from tests.support.billing_proof import Proof
from tests.support.stripe_changes import Contract
from tests.support.waiting import waits


@pytest.mark.parametrize("is_known", [True, False], ids=["a customer we know", "a customer we do not know"])
def test_a_subscription_first_written_after_its_customer_was_deleted_is_asked_for_again(
    proof: Proof, is_known: bool
) -> None:
    contract = Contract(proof.stage.truth, 0, proof.faithful.id)
    proof.stage.deliver(contract.begin())
    if is_known:
        with proof.stage.database.transaction() as session:
            known = Customer(id=contract.customer, account_id=proof.faithful.id, created_at=proof.stage.now)
            session.add(known)
    passed = 0

    def delete_after_the_answer() -> None:
        nonlocal passed
        passed += 1
        if passed == 2:
            proof.stage.deliver(contract.lose_customer())
            proof.stage.now += timedelta(seconds=1)
            proof.stage.runner.run_all()

    proof.stage.truth.gate = delete_after_the_answer
    proof.stage.drain()
    with proof.stage.database.reading() as session:
        assert session.scalars(select(Subscription.status)).all() == ["canceled"]
        assert session.scalars(select(Customer.deleted)).all() == [True]
    assert not proof.entitlement(proof.faithful).allowed


def test_a_subscription_written_while_its_customer_is_being_deleted_is_asked_for_again(proof: Proof) -> None:
    contract = Contract(proof.stage.truth, 0, proof.faithful.id)
    contract.begin()
    answered = normalise_subscription(contract.now_at_stripe or {})
    contract.lose_customer()
    with proof.stage.database.transaction() as session:
        session.add(Customer(id=contract.customer, account_id=proof.faithful.id, created_at=proof.stage.now))
        sync.request(session, sync.CUSTOMER, contract.customer)
    with ThreadPoolExecutor(1) as pool:
        with proof.stage.database.transaction() as session:
            subscriptions.write(session, answered, Dues(), {})
            job = {"type": sync.CUSTOMER, "id": contract.customer}
            deleting = pool.submit(proof.stage.handlers[sync.REFRESH], job)
            assert waits(proof.stage.database, deleting)
        deleting.result()
    proof.stage.drain()
    with proof.stage.database.reading() as session:
        assert session.get_one(Subscription, contract.id).status == "canceled"


def test_a_deletion_that_nobody_told_is_found_with_the_end_of_the_subscription(proof: Proof) -> None:
    contract = Contract(proof.stage.truth, 0, proof.faithful.id)
    with proof.stage.database.transaction() as session:
        session.add(Customer(id=contract.customer, account_id=proof.faithful.id, created_at=proof.stage.now))
    proof.stage.deliver(contract.begin())
    contract.lose_customer()
    proof.stage.drain()
    with proof.stage.database.reading() as session:
        assert session.scalars(select(Subscription.status)).all() == ["canceled"]
        assert session.scalars(select(Customer.deleted)).all() == [True]
