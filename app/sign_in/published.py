"""A small document that somebody publishes over https at an address that the operator has set.

It comes as quickly as app.outgoing has everything come, and from the address itself.
"""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from app import outgoing
from app.outgoing import NotReached

# between two readings, whoever asks; and after so long what was read is looked at anew
BETWEEN_READINGS_SECONDS, FRESH_SECONDS = 60, 600

T = TypeVar("T")
_log = structlog.get_logger()


class Unreadable(Exception):
    """Nothing came that could be read; what was read before is as good as it was."""


class Kept(Generic[T]):
    """What was made of a document when it was read last; of the last good one while it cannot be read.

    Whoever cannot do without a newer one has it read and waits for that; all others go on with what is known.
    """

    def __init__(self, address: str, understood: Callable[[bytes], T]) -> None:
        self._address, self._understood = address, understood
        self._known: T | None = None
        self._began_at = self._read_at = float("-inf")
        self._lock = threading.Lock()

    def known(self) -> T | None:
        """What is known; the first to ask waits for it."""
        if self._known is None:
            return self.anew()
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            self.begin()
        return self._known

    def anew(self) -> T | None:
        """The same after it was read once more, unless somebody has begun to within the last minute."""
        reading = self.begin()
        if reading is not None:
            reading.wait(outgoing.MOST_SECONDS)
        return self._known

    def begin(self) -> threading.Event | None:
        """Begin to read, unless somebody has within the last minute; what is set when it is done."""
        with self._lock:
            if time.monotonic() - self._began_at < BETWEEN_READINGS_SECONDS:
                return None
            self._began_at = time.monotonic()
        done = threading.Event()
        threading.Thread(target=self._read, args=(done,), daemon=True).start()
        return done

    def _read(self, done: threading.Event) -> None:
        try:
            self._known, self._read_at = self._understood(read(self._address)), time.monotonic()
        except (Unreadable, ValueError, TypeError, KeyError, RecursionError) as error:
            _log.warning("published_document_unreadable", reason=type(error).__name__)
        finally:
            done.set()


def read(address: str) -> bytes:
    """What stands at `address`. Raises Unreadable, also where it says that it stands elsewhere."""
    try:
        answer = outgoing.OPERATORS.ask("GET", address, {"Accept": "application/json"})
    except NotReached as error:
        raise Unreadable(error.code) from error
    if answer.status != 200:
        raise Unreadable(str(answer.status))
    return answer.body
