"""Every interleaving there is of a small case, in a model; and the model is what the real functions do."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from greenlet import GreenletExit, getcurrent, greenlet
from sqlalchemy import delete, func, select, update

from app.billing import sync
from app.models import Job, StripeSync, Subscription
from app.models.job import READY, RUNNING
from tests.support.billing_model import Model, Rule, State
from tests.support.billing_proof import Proof
from tests.support.schedules import BEAT, BEGINNING
from tests.support.stripe_changes import Contract

WALKS = 15
MORE_WALKS = 300


@pytest.mark.parametrize("model", [Model(3, 2, 3), Model(2, 2, 3, crashes=2)], ids=str)
def test_no_interleaving_ends_wrong(model: Model) -> None:
    check(model)


@pytest.mark.long
@pytest.mark.parametrize("model", [Model(4, 2, 4), Model(4, 2, 3, crashes=2), Model(3, 2, 4, crashes=3)], ids=str)
def test_no_interleaving_of_more_ends_wrong(model: Model) -> None:
    check(model)


def check(model: Model) -> None:
    began = time.monotonic()
    states, wrong = model.explore()
    print(f"{model}: {states} states, wrong={len(wrong)}, {time.monotonic() - began:.1f} s")
    assert not wrong, wrong[0]


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule is not Rule.OURS], ids=lambda rule: rule.name)
def test_each_wrong_rule_ends_wrong_with_two_changes_and_two_workers(rule: Rule) -> None:
    assert Model(2, 1, 2, rule=rule).explore()[1]


@dataclass
class Walk:
    """The real functions, taking the steps of the model."""

    proof: Proof
    contract: Contract
    hands: list[tuple[greenlet, int]] = field(default_factory=list)
    untold: list[Callable[[], object]] = field(default_factory=list)
    crashes: int = 0

    def take(self, name: str, number: int, hints: int) -> None:
        self._take(name, number, hints)
        if name == "write":
            # what follows from it is no part of the model
            with self.proof.stage.database.transaction() as session:
                session.execute(delete(Job).where(Job.unique_key != f"{sync.REFRESH}:subscription:{self.contract.id}"))
        self.proof.stage.now += BEAT

    def _take(self, name: str, number: int, hints: int) -> None:
        match name:
            case "change":
                self._change(hints)
            case "hint":
                self.untold.pop()()
            case "begin":
                self._begin()
            case "crash":
                self._crash(number)
            case "fetch":
                self.hands[number][0].switch()
            case "write":
                hand, _job = self.hands.pop(number)
                while not hand.dead:
                    hand.switch()

    def state(self, expected: State) -> State:
        """What the database holds. What only the workers know is taken over from `expected`."""
        with self.proof.stage.database.reading() as session:
            mark = session.get(StripeSync, ("subscription", self.contract.id))
            row = session.get(Subscription, self.contract.id)
            counts = {
                state: session.scalar(select(func.count()).where(Job.state == state)) or 0 for state in (READY, RUNNING)
            }
        return State(
            version=expected.version,
            hints=len(self.untold),
            requested=mark.requested_seq if mark else 0,
            applied=mark.applied_seq if mark else 0,
            row=version_of(row),
            waiting=counts[READY],
            orphaned=counts[RUNNING] - len(self.hands),
            crashes=self.crashes,
            workers=expected.workers,
        )

    def _change(self, hints: int) -> None:
        """The version is written where the subscription is to end."""
        true = self.contract.now_at_stripe
        assert true is not None
        true["cancel_at"] = (true["cancel_at"] or true["created"]) + 1
        events = [self.contract.truth.event("customer.subscription.updated", true) for _hint in range(hints)]
        self.untold += [lambda told=event: self.proof.stage.deliver(told) for event in events]  # type: ignore[misc]

    def _begin(self) -> None:
        running = select(Job.id).where(Job.state == RUNNING, Job.lease_until > self.proof.stage.now)
        with self.proof.stage.database.reading() as session:
            before = set(session.scalars(running))
        hand = greenlet(self.proof.stage.runner.run_one)
        hand.switch()
        if hand.dead:
            return
        with self.proof.stage.database.reading() as session:
            (job,) = set(session.scalars(running)) - before
        self.hands.append((hand, job))

    def _crash(self, number: int) -> None:
        """The worker is gone and its lease is over, sooner than those of others."""
        hand, job = self.hands.pop(number)
        hand.throw(GreenletExit)
        self.crashes += 1
        with self.proof.stage.database.transaction() as session:
            over = self.proof.stage.now.replace(year=2000)
            session.execute(update(Job).where(Job.id == job).values(lease_until=over))


def version_of(row: Subscription | None) -> int:
    """Which change the row has seen, by the end that it states."""
    if row is None:
        return -1
    return int((row.cancel_at - BEGINNING).total_seconds()) if row.cancel_at else 0


def wait_for_the_walk() -> None:
    """The gate of every call to Stripe: a worker stops there until it is told to go on."""
    parent = getcurrent().parent
    if parent is not None:
        parent.switch()


def test_the_real_functions_take_the_steps_of_the_model(proof: Proof) -> None:
    take_walks(proof, WALKS)


@pytest.mark.long
def test_the_real_functions_take_many_more_steps_of_the_model(proof: Proof) -> None:
    take_walks(proof, MORE_WALKS)


def take_walks(proof: Proof, walks: int) -> None:
    model, dice = Model(3, 2, 3, crashes=2), random.Random(7)
    proof.stage.truth.gate = wait_for_the_walk
    steps = sum(take_one_walk(proof, model, dice) for _walk in range(walks))
    print(f"{walks} walks, {steps} steps")


def take_one_walk(proof: Proof, model: Model, dice: random.Random) -> int:
    """To the end of one way through the model; the number of steps."""
    proof.stage.clear()
    walk, state, steps = Walk(proof, Contract(proof.stage.truth, 1, proof.faithful.id)), State(), 0
    walk.contract.begin()
    while possible := list(model.steps(state)):
        name, number, _after = dice.choice(possible)
        walk.take(name, number, model.hints)
        candidates = [after for other, who, after in possible if (other, who) == (name, number)]
        matching = [after for after in candidates if walk.state(after) == after]
        assert matching, f"{state} -> {name}: {walk.state(candidates[0])} is none of {candidates}"
        state, steps = matching[0], steps + 1
    assert state.row == state.version
    return steps
