"""How fast all our processes together call Stripe, which answers 25 requests a second at one endpoint.

A row says when the next call may begin. Each caller moves it on by one share and waits until its own turn has come, so
nothing is locked while anybody waits.
"""

import time
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.db import Database, insert_once
from app.gateway.client import Stripe, StripeUnavailable, Throttle
from app.installation import Installation
from app.models import StripeThrottle

# turns come unevenly, and 20 is what we never want to be seen above in any one second
CALLS_PER_SECOND = 18
TIME_BETWEEN_CALLS = timedelta(seconds=1 / CALLS_PER_SECOND)
# nobody reserves anything further off, so what is was left by a clock that ran ahead
LONGEST_WAIT = timedelta(minutes=1)
# one that would have to wait longer does other work: the queue is short, so Stripe wants to be left alone
LONGEST_WAIT_OF_A_WORKER = timedelta(seconds=3)
CALLS = "calls"


class SharedThrottle(Throttle):
    """The throttle of all processes on one database. Never used with a transaction open."""

    def __init__(self, database: Database, longest_wait: timedelta) -> None:
        self._database = database
        self._longest_wait = longest_wait

    def turn(self) -> None:
        """Wait for the next turn. Raises StripeUnavailable, and takes none, where that is too long in coming."""
        wait = take_turn(self._database, self._longest_wait)
        if wait is None:
            raise StripeUnavailable
        time.sleep(wait.total_seconds())

    def slow_down(self, seconds: float) -> None:
        """Nobody calls for so long, LONGEST_WAIT at most."""
        with self._database.transaction() as session:
            row = _row(session)
            row.free_at = max(row.free_at, clock.now() + min(timedelta(seconds=seconds), LONGEST_WAIT))


def throttled(it: Installation, longest_wait: timedelta = LONGEST_WAIT_OF_A_WORKER) -> Installation:
    """The installation for work that nobody waits for: every request to Stripe takes its turn.

    It is StripeUnavailable while that is further off than `longest_wait`: LONGEST_WAIT for who has nothing else to do.
    """
    return replace(it, stripe=Stripe(it.settings, throttle=SharedThrottle(it.database, longest_wait)))


def take_turn(database: Database, longest_wait: timedelta = LONGEST_WAIT_OF_A_WORKER) -> timedelta | None:
    """Reserve the next turn; how long it is until then, or None where that is further off than `longest_wait`."""
    with database.transaction() as session:
        now, row = clock.now(), _row(session)
        turn = row.free_at if now < row.free_at <= now + LONGEST_WAIT else now
        if turn > now + longest_wait:
            return None
        row.free_at = turn + TIME_BETWEEN_CALLS
    return turn - now


def _row(session: Session) -> StripeThrottle:
    insert_once(session, StripeThrottle, name=CALLS, free_at=clock.now())
    return session.scalars(select(StripeThrottle).where(StripeThrottle.name == CALLS).with_for_update()).one()
