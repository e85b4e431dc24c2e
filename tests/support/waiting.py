"""Two who meet: one is held up in the middle of what it does, and the other waits for it."""

import threading
from concurrent.futures import Future, wait
from typing import Any

from sqlalchemy import event, text

from app.db import Database

# on SQLite, where writers queue on a lock of ours that names nobody who waits
A_WHILE = 0.1
PATIENCE = 120


class HoldUp:
    """Stops the first thread that is about to execute a statement, until it is let go."""

    def __init__(self, database: Database, statement: str) -> None:
        self._statement = statement
        self._go = threading.Event()
        self.reached = threading.Event()
        event.listen(database.engine, "before_cursor_execute", self._wait)

    def let_go(self) -> None:
        self._go.set()

    def _wait(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(self._statement) and not self.reached.is_set():
            self.reached.set()
            assert self._go.wait(PATIENCE)


def waits(database: Database, future: Future[Any]) -> bool:
    """Whether what was begun comes to wait for a lock of the database; False if it is over instead."""
    if database.is_sqlite:
        wait([future], A_WHILE)
        return not future.done()
    while not future.done():
        if _queue(database):
            return True
    return False


def _queue(database: Database) -> int:
    """How many wait for a lock now."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.reading() as session:
        found: int = session.execute(text(waiting)).scalar_one()
        return found
