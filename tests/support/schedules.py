"""Many actors, one thread, and an order of their steps that is drawn: what races do rarely happens here on purpose.

The real functions run: `inbox.receive`, the job runner and its handlers, each worker as a greenlet that stops where it
asks Stripe (tests.support.stripe_truth). So a worker's steps are begin (claim the job, read the sequence), fetch and
write, and before any of them it can crash, which leaves its job behind under a lease.

Each step is given a priority when it becomes possible, and of those that are possible the lowest goes first. A flat
list of random operations does not do: it hardly ever holds one answer back while another worker overtakes it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count, cycle
from typing import Any

import pytest
import stripe
from greenlet import GreenletExit, getcurrent, greenlet
from hypothesis import strategies as st
from sqlalchemy import func, or_, select

from app import clock, worker
from app.billing import inbox
from app.db import Database
from app.gateway import events
from app.gateway.client import Stripe, StripeUnavailable
from app.jobs import queue
from app.jobs.runner import Runner
from app.models import Job
from app.models.base import Model
from app.models.job import READY, RUNNING
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.stripe_truth import Object, Truth

BEGINNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEAT = timedelta(milliseconds=90)
KEPT = ("accounts", "sites", "stories", "alembic_version")
# by the byte drawn for a step of a worker: it crashes, or Stripe does not answer it
CRASHES, FAILS = range(236, 256), range(220, 236)
MANY = 3000
TOLD: list[tuple[bool, ...]] = [(False,), (True,), (False, False), (False, True)]


@dataclass(frozen=True)
class Change:
    """One thing that happens to subscription `target`, told as often as `thin` is long: thin or as a snapshot."""

    target: int
    verb: str
    thin: tuple[bool, ...] = (False,)


@dataclass(frozen=True)
class Plan:
    """What is drawn for one case. `order` gives the priorities of steps, `faults` what befalls the workers."""

    changes: tuple[Change, ...]
    workers: int
    order: bytes
    faults: bytes = b""
    bans: bool = False
    reconciles: bool = False

    @property
    def loses(self) -> bool:
        """Whether something at Stripe is never told."""
        return any(not change.thin for change in self.changes)


def plans_of_all(verbs: list[str], themes: Iterable[list[str]]) -> st.SearchStrategy[Plan]:
    """Cases of anything, and twice as many in which only what belongs to one or two `themes` happens, half of those to
    one subscription: what must come together for something to go wrong hardly ever does among all that can happen.
    """
    alone = st.tuples(st.sampled_from(list(themes)), st.sampled_from([(0,), (2,)]))
    together = st.lists(st.sampled_from(list(themes)), min_size=1, max_size=2)
    return st.one_of(
        plans(verbs),
        # what two changes bring about, every history of two brings about
        alone.flatmap(lambda few: plans(*few, fewest=4)),
        together.flatmap(lambda few: plans([verb for theme in few for verb in theme])),
    )


def plans(verbs: list[str], targets: Sequence[int] = range(3), fewest: int = 2) -> st.SearchStrategy[Plan]:
    """Cases of `fewest` to 8 changes, told once, twice or in both forms; in half of the cases some are lost."""
    return st.one_of(*(plans_with(told, verbs, targets, fewest) for told in (TOLD, [*TOLD, ()])))


def plans_with(
    told: list[tuple[bool, ...]], verbs: list[str], targets: Sequence[int], fewest: int = 2
) -> st.SearchStrategy[Plan]:
    """Cases whose changes are each told in one of the ways of `told`."""
    change = st.builds(Change, st.sampled_from(targets), st.sampled_from(verbs), st.sampled_from(told))
    return st.builds(
        Plan,
        st.lists(change, min_size=fewest, max_size=8).map(tuple),
        st.integers(2, 4),
        st.binary(min_size=96, max_size=96),
        st.binary(min_size=48, max_size=48),
        st.booleans(),
        st.booleans(),
    )


@dataclass
class Stage:
    """Where plans are played: one database, emptied before each, one truth, and a clock of its own."""

    settings: Settings
    house: HouseRules
    database: Database
    now: datetime = BEGINNING
    truth: Truth = field(init=False)
    client: Stripe = field(init=False)
    runner: Runner = field(init=False)
    unexpected: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.truth = Truth(lambda: self.now)
        self.client = self.truth.client(self.settings)
        self.handlers = worker.handlers(assembled(self.settings, self.house, self.database, stripe=self.client))
        self.runner = Runner(self.database, {kind: self._watched(kind) for kind in self.handlers})
        self._wipe = [
            f"DELETE FROM {table.name}" for table in reversed(Model.metadata.sorted_tables) if table.name not in KEPT
        ]

    @contextmanager
    def time(self) -> Iterator[None]:
        """The product's clock is this stage's inside the block."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda: self.now)
            yield

    def clear(self) -> None:
        """Empty tables, an empty Stripe, and the beginning of time."""
        self.now = BEGINNING
        self.truth.clear()
        self.unexpected.clear()
        with self.database.transaction() as session:
            for statement in self._wipe:
                session.connection().exec_driver_sql(statement)

    def deliver(self, event: Object, source: str = "webhook") -> inbox.EventOutcome:
        """What the webhook does with a body that was verified."""
        body = json.dumps(event).encode()
        parsed = events.parse(body)
        with self.database.transaction() as session:
            return inbox.receive(session, parsed, body, live=False, source=source)

    def drain(self) -> None:
        """Work all jobs there are, as late as they may be."""
        self.runner.run_all()
        while self.pass_to_next_job():
            self.runner.run_all()

    def pass_to_next_job(self) -> bool:
        """Let time pass until a job that waits or was left behind can be taken; False if there is none."""
        due = func.min(func.coalesce(Job.lease_until, Job.run_at))
        with self.database.reading() as session:
            moment = session.scalar(select(due).where(or_(Job.state == READY, Job.state == RUNNING)))
        if moment is None:
            return False
        self.now = max(self.now, moment + timedelta(milliseconds=1))
        return True

    def has_due_job(self) -> bool:
        with self.database.reading() as session:
            return queue.due(session, self.handlers)

    def _watched(self, kind: str) -> Callable[[dict[str, Any]], None]:
        """The handler; what it raises, but for Stripe being away, is kept as a fault."""

        def handle(payload: dict[str, Any]) -> None:
            try:
                self.handlers[kind](payload)
            except StripeUnavailable:
                raise
            except Exception as error:
                self.unexpected.append(error)
                raise

        return handle


class Play:
    """One plan on the stage.

    `changes` are its changes, each giving the event that Stripe tells of it, or None where it changes nothing. `others`
    are what else happens once, by name, and `after_step` is called after each step with what it was.
    """

    def __init__(
        self,
        stage: Stage,
        plan: Plan,
        changes: list[Callable[[], Object | None]],
        others: dict[str, Callable[[], None]],
        after_step: Callable[[str], None],
    ) -> None:
        self._stage, self._plan, self._changes, self._others = stage, plan, changes, others
        self._after_step = after_step
        self._order, self._faults = cycle(plan.order), iter(plan.faults)
        self._numbers = count()
        self._steps: list[tuple[int, int, str, Callable[[], None]]] = []
        self._idle: list[tuple[int, int]] = []
        self._hired: set[greenlet] = set()
        self._failing: set[greenlet] = set()

    def run(self) -> None:
        """Until nothing more can happen: every change made, every delivery arrived, every job done."""
        self._stage.truth.gate = self._gate
        self._add("change", lambda: self._change(0))
        for name, act in self._others.items():
            self._add(name, partial(self._go_on, greenlet(act)))
        for _worker in range(self._plan.workers):
            self._rest()
        for _step in range(MANY):
            if not self._step():
                break
        else:
            raise AssertionError("it goes on and on")
        self._stage.truth.gate = lambda: None
        assert not self._stage.unexpected, self._stage.unexpected

    def _step(self) -> bool:
        name = self._next()
        if name is None:
            return self._stage.pass_to_next_job()
        self._stage.now += BEAT
        self._after_step(name)
        return True

    def _next(self) -> str | None:
        """Take the step that is to go first; its name, or None if none is possible."""
        if self._idle and (not self._steps or self._idle[0] < self._steps[0][:2]) and self._stage.has_due_job():
            heappop(self._idle)
            hired = greenlet(self._stage.runner.run_one)
            self._hired.add(hired)
            self._go_on(hired)
            return "begin"
        if not self._steps:
            return None
        _priority, _number, name, act = heappop(self._steps)
        act()
        return name

    def _add(self, name: str, act: Callable[[], None]) -> None:
        heappush(self._steps, (next(self._order), next(self._numbers), name, act))

    def _rest(self) -> None:
        heappush(self._idle, (next(self._order), next(self._numbers)))

    def _change(self, number: int) -> None:
        event = self._changes[number]()
        if event is not None:
            for thin in self._plan.changes[number].thin:
                self._tell(self._stage.truth.notice(event) if thin else event)
        if number + 1 < len(self._changes):
            self._add("change", lambda: self._change(number + 1))

    def _tell(self, event: Object) -> None:
        self._add("deliver", lambda: self._deliver(event))

    def _deliver(self, event: Object) -> None:
        self._stage.deliver(event)

    def _go_on(self, worker_: greenlet) -> None:
        """One more step of a worker; then it waits at the gate for its next, or is idle."""
        worker_.switch()
        if worker_.dead:
            self._leave(worker_)
            return
        fault = next(self._faults, 0)
        if fault in CRASHES:
            self._add("crash", lambda: self._crash(worker_))
        elif fault in FAILS:
            self._add("unavailable", lambda: self._fail(worker_))
        else:
            self._add("go on", lambda: self._go_on(worker_))

    def _crash(self, worker_: greenlet) -> None:
        worker_.throw(GreenletExit)
        self._leave(worker_)
        if next(self._order) % 2:
            # its lease runs out while others are still at it, and so do theirs
            self._add("lease", lambda: self._let_lease_run_out())

    def _leave(self, worker_: greenlet) -> None:
        if worker_ in self._hired:
            self._hired.discard(worker_)
            self._rest()

    def _let_lease_run_out(self) -> None:
        self._stage.now += queue.LEASE_TIME

    def _fail(self, worker_: greenlet) -> None:
        self._failing.add(worker_)
        self._go_on(worker_)

    def _gate(self) -> None:
        """Where a worker stops. Nothing may be locked here: this is the time over HTTP."""
        assert self._stage.database.engine.pool.checkedout() == 0, "a connection is held over a call to Stripe"  # type: ignore[attr-defined]
        worker_ = getcurrent()
        if worker_.parent is None:
            return
        worker_.parent.switch()
        if worker_ in self._failing:
            self._failing.discard(worker_)
            raise stripe.APIConnectionError("Stripe is away")  # type: ignore[no-untyped-call]
