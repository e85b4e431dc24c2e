"""Leaves somebody alone for a while who has failed, so that nobody waits for them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Breaker:
    """Closed, then open after `failures` in a row; half-open (one trial call) `rest` seconds after."""

    def __init__(self, failures: int, rest: float) -> None:
        self._limit = failures
        self._rest = rest
        self._failed = 0
        self._open_until = 0.0
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Whether a call may be made now; whoever gets a yes records how it went."""
        with self._lock:
            if self._failed < self._limit:
                return True
            now = time.monotonic()
            if now < self._open_until:
                return False
            # The one trial call takes the turn of the others until it has answered or another rest has
            # passed.
            self._open_until = now + self._rest
            return True

    def record(self, *, success: bool) -> None:
        """Count how an admitted call went."""
        with self._lock:
            self._failed = 0 if success else self._failed + 1
            if self._failed >= self._limit:
                self._open_until = time.monotonic() + self._rest


@contextmanager
def admitted(
    places: threading.BoundedSemaphore, breaker: Breaker, refusal: type[Exception], wait: float = 0.0
) -> Iterator[None]:
    """Have one of the few `places` for calls within `wait` seconds, while `breaker` admits any. Raises `refusal`."""
    if not places.acquire(timeout=wait):
        raise refusal
    try:
        if not breaker.admits():
            raise refusal
        yield
    finally:
        places.release()
