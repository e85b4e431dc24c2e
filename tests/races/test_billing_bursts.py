"""Stripe tells of one change many times within a second, while several workers are at the same object."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.models import StripeEvent, StripeSync, Subscription
from tests.support.billing_proof import Proof, stated_by
from tests.support.stripe_changes import Contract
from tests.support.stripe_truth import Object
from tests.support.together import at_once

ROUNDS = 50
TIMES = 20


@pytest.fixture
def contract(proof: Proof) -> Contract:
    """One subscription, of which nobody has told us."""
    made = Contract(proof.stage.truth, 0, proof.faithful.id)
    made.begin()
    return made


def row(proof: Proof, contract: Contract) -> Subscription:
    with proof.stage.database.reading() as session:
        return session.get_one(Subscription, contract.id)


def agrees(proof: Proof, contract: Contract) -> bool:
    true = contract.now_at_stripe
    assert true is not None
    known = row(proof, contract)
    return all(getattr(known, name) == value for name, value in stated_by(true).items())


def marks(proof: Proof, contract: Contract) -> tuple[int, int]:
    with proof.stage.database.reading() as session:
        mark = session.get_one(StripeSync, ("subscription", contract.id))
        return mark.requested_seq, mark.applied_seq


def test_twenty_events_of_one_change_bring_one_question(proof: Proof, contract: Contract) -> None:
    told = [contract.take_status("active") for _event in range(TIMES)]
    at_once(lambda number: proof.stage.deliver(told[number]), TIMES)
    proof.stage.drain()
    assert marks(proof, contract) == (TIMES, TIMES)
    assert agrees(proof, contract)
    assert proof.stage.truth.asked["subscriptions"] == 1


def test_two_workers_on_one_object_never_leave_it_behind(proof: Proof, contract: Contract) -> None:
    let_two_workers_race(proof, contract, ROUNDS)


@pytest.mark.long
def test_two_workers_on_one_object_never_leave_it_behind_three_hundred_times(proof: Proof, contract: Contract) -> None:
    let_two_workers_race(proof, contract, 300)


def let_two_workers_race(proof: Proof, contract: Contract, rounds: int) -> None:
    """In each round one hint has come, and another change and its hint meet two workers in three threads."""
    changes: list[Callable[[], Object]] = [
        lambda: contract.schedule_end(by_time=True),
        contract.withdraw_end,
        lambda: contract.pause("void"),
        lambda: contract.pause(None),
    ]

    for number in range(rounds):

        def act(which: int, change: Callable[[], Object] = changes[number % len(changes)]) -> None:
            if which:
                proof.stage.runner.run_one()
            else:
                proof.stage.deliver(change())

        proof.stage.deliver(contract.take_status("active"))
        proof.stage.pass_to_next_job()
        at_once(act, 3)
        proof.stage.drain()
        assert agrees(proof, contract), f"round {number}"
    with proof.stage.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == 2 * rounds
    requested, applied = marks(proof, contract)
    assert requested == applied == 2 * rounds
    assert not proof.stage.unexpected
