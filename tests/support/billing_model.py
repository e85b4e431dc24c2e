"""The rules of billing.sync and of the job queue for one object, small enough to look at every interleaving there is.

That the code follows these rules is tested beside it: random walks through the model are taken by the real functions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Rule(Enum):
    """What is done, and three ways to do it wrongly."""

    OURS = "ours"
    STALE_OVERWRITE = "every answer is written"
    LATE_SEQUENCE = "the sequence is read at the write"
    MARK_STAYS = "only the first hint raises the sequence"


class Worker(NamedTuple):
    """A job in hand: the sequence it was begun under, and the version that Stripe answered with (-1: not yet)."""

    seq: int
    version: int = -1


class State(NamedTuple):
    """`version` counts the changes at Stripe; `row` is the version that we have written (-1: none)."""

    version: int = 0
    hints: int = 0
    requested: int = 0
    applied: int = 0
    row: int = -1
    waiting: int = 0
    orphaned: int = 0
    crashes: int = 0
    workers: tuple[Worker, ...] = ()


@dataclass(frozen=True)
class Model:
    """So many changes at Stripe, each told by so many hints, to so many workers, of which so many crash."""

    changes: int
    hints: int
    workers: int
    crashes: int = 0
    rule: Rule = Rule.OURS

    def __str__(self) -> str:
        return f"{self.changes} changes, {self.hints} hints each, {self.workers} workers, {self.crashes} crashes"

    def steps(self, state: State) -> Iterator[tuple[str, int, State]]:
        """Each step that is possible, as its name, the worker who takes it (-1: none) and what follows."""
        if state.version < self.changes:
            told = state.hints + self.hints
            yield "change", -1, state._replace(version=state.version + 1, hints=told)
        if state.hints:
            yield "hint", -1, self._hint(state)
        if len(state.workers) < self.workers:
            begun = self._begin(state)
            if state.waiting:
                yield "begin", len(state.workers), begun._replace(waiting=0)
            if state.orphaned:
                yield "begin", len(state.workers), begun._replace(orphaned=state.orphaned - 1)
        for number, worker in enumerate(state.workers):
            others = state.workers[:number] + state.workers[number + 1 :]
            if worker.version < 0:
                fetched = worker._replace(version=state.version)
                workers = (*state.workers[:number], fetched, *state.workers[number + 1 :])
                yield "fetch", number, state._replace(workers=workers)
            else:
                yield "write", number, self._write(state._replace(workers=others), worker)
            if state.crashes < self.crashes:
                left = {"crashes": state.crashes + 1, "orphaned": state.orphaned + 1}
                yield "crash", number, state._replace(workers=others, **left)

    def explore(self) -> tuple[int, list[State]]:
        """The number of states that can be reached, and those of them where nothing more happens and we are wrong."""
        seen, edge, wrong = {State()}, [State()], []
        while edge:
            state = edge.pop()
            ended = True
            for _name, _worker, after in self.steps(state):
                ended = False
                # workers are alike, so their order is no difference
                alike = after._replace(workers=tuple(sorted(after.workers)))
                if alike not in seen:
                    seen.add(alike)
                    edge.append(alike)
            if ended and state.row != state.version:
                wrong.append(state)
        return len(seen), wrong

    def _hint(self, state: State) -> State:
        raised = state.requested + 1 if self.rule is not Rule.MARK_STAYS else 1
        return state._replace(hints=state.hints - 1, requested=raised, waiting=1)

    def _begin(self, state: State) -> State:
        """A job that others have done already is over at once."""
        if self.rule is Rule.OURS and state.applied >= state.requested:
            return state
        return state._replace(workers=(*state.workers, Worker(state.requested)))

    def _write(self, state: State, worker: Worker) -> State:
        seq = state.requested if self.rule is Rule.LATE_SEQUENCE else worker.seq
        if state.applied >= seq and self.rule is not Rule.STALE_OVERWRITE:
            return state
        return state._replace(applied=max(state.applied, seq), row=worker.version)
