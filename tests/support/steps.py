"""A termination in a process that is killed before any one of its steps: a call to Stripe, a transaction or its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.db import Database
from app.gateway.client import Stripe, Throttle
from app.terminations import execution as carrying_out
from tests.support.assembled import assembled
from tests.support.paper import Paper

# more than any of them has
MANY = 100


class Killed(BaseException):
    """The process is no more."""


class Steps(Throttle):
    """Counts the calls to Stripe and the transactions, and ends it all before the one that is `fatal`."""

    def __init__(self, fatal: int) -> None:
        self._left = fatal

    def turn(self) -> None:
        self.step()

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed


class Fragile(Database):
    """A database of which every transaction is a step, its end as well."""

    def __init__(self, url: str, steps: Steps) -> None:
        super().__init__(url)
        self._steps = steps

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._steps.step()
        with super().transaction() as session:
            yield session
        self._steps.step()


def survives(paper: Paper, termination_id: int, fatal: int) -> bool:
    """Carry it out in a process that is killed before its step `fatal`, unless it has fewer."""
    try:
        return ran(paper, termination_id, fatal)
    finally:
        # Stripe need not remember keys for longer than a day
        paper.simulated.rows("DELETE FROM answers")


def ran(paper: Paper, termination_id: int, fatal: int = MANY) -> bool:
    """Whether it came to its end."""
    steps = Steps(fatal)
    database = Fragile(paper.database.url, steps)
    stripe = Stripe(paper.settings, throttle=steps)
    try:
        carrying_out.carry_out(assembled(paper.settings, paper.house, database, stripe=stripe), termination_id)
    except Killed:
        return False
    finally:
        database.close()
    return True
