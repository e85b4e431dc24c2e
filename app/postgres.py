"""Connections to PostgreSQL that give up on a server that is silent.

A server that was frozen, or that a dead network hides, ends no statement and closes no connection, and whoever waits
for it would wait for hours. So we look at our own watch; and where one connection was given up, no new one is tried for
a while, or all threads of a process would stand before the same closed door.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.errors import _WaitTimeout
from psycopg.pq import TransactionStatus

from app.breaker import Breaker

# a server that is well ends a statement itself when its time is up, and has this long to say so
GRACE_SECONDS = 2


@dataclass(frozen=True)
class Timeouts:
    """For how many seconds a new connection, a free one of the pool and a statement are waited for.

    A statement of 0 seconds may take as long as it takes.
    """

    connect: int = 3
    pool: int = 3
    statement: int = 60


# for the worker and the commands, for which nobody waits; and for migrations and reports, which take their time
PATIENT = Timeouts()
UNLIMITED = Timeouts(statement=0)


def parameters(timeouts: Timeouts, options: str = "") -> dict[str, Any]:
    """What libpq is told: the server keeps time, too, and a line that goes dead is noticed while it is idle."""
    patience = (timeouts.statement + GRACE_SECONDS) * 1000 if timeouts.statement else 0
    return {
        "connect_timeout": timeouts.connect,
        "options": f"{options} -c statement_timeout={timeouts.statement}s".strip(),
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": patience,
    }


def connector(timeouts: Timeouts) -> Callable[..., psycopg.Connection[Any]]:
    """What opens connections of one pool: as psycopg.connect does, or at once with its OperationalError while the
    server is left alone.
    """
    breaker = Breaker(failures=1, rest=timeouts.connect)

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout or _longest(self, timeouts))
            except _WaitTimeout:
                self.pgconn.finish()
                breaker.record(success=False)
                raise psycopg.OperationalError("the database does not answer") from None

    def connect(*arguments: Any, **parameters: Any) -> psycopg.Connection[Any]:
        if not breaker.admits():
            raise psycopg.OperationalError("the database has not answered a moment ago")
        try:
            connection = Impatient.connect(*arguments, **parameters)
        except psycopg.OperationalError:
            breaker.record(success=False)
            raise
        breaker.record(success=True)
        return connection

    return connect


def _longest(connection: psycopg.Connection[Any], timeouts: Timeouts) -> int | None:
    """For how many seconds the answer to what is asked now is waited for; None is for ever."""
    if not timeouts.statement:
        return None
    # outside of a transaction the pool looks whether we are connected, which takes no time; what begins a transaction
    # comes with its first statement, in one go
    outside = connection.autocommit and connection.pgconn.transaction_status == TransactionStatus.IDLE
    return timeouts.connect if outside else timeouts.statement + GRACE_SECONDS
