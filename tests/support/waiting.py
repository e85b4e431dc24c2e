"""Two who meet: one is held up in the middle of what it does, and the other waits for it."""

import threading
from concurrent.futures import Future
from typing import Any

from sqlalchemy import event

from app.db import Database

# long enough for a request that does not wait to be over
A_WHILE = 0.5
PATIENCE = 30


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


def waits(future: Future[Any]) -> bool:
    """Whether what was begun is still not over after a while."""
    try:
        future.result(A_WHILE)
    except TimeoutError:
        return True
    return False
