"""How often a caller may ask: counted in the memory of this process, or in Redis or Valkey for all processes together.

Nobody waits for the store or is refused for its sake. While it does not answer, each process counts for itself, from
nothing, and asks the store again from time to time; so around its end a limit may be used twice.
"""

import math
import time
from contextlib import suppress
from threading import Lock
from typing import Any

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from prometheus_client import Counter

from app.breaker import Breaker

MEMORY = "memory://"
# a store in the next room answers within a millisecond
ANSWER_SECONDS = 0.25
REST_SECONDS = 5.0
# an address costs a few hundred bytes, and there are more of them than memory
MOST_COUNTS = 50_000

ALONE = Counter("btl_limits_alone", "Counts against limits in one process alone, since the store did not answer")


class BoundedMemory(MemoryStorage):
    """Keeps the latest MOST_COUNTS counts and forgets the oldest, whoever makes up callers.

    One thread counts at a time: two that find nobody forgetting would start one and the same timer.
    """

    def __init__(self) -> None:
        super().__init__()
        self._counting = Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with self._counting:
            with suppress(StopIteration, RuntimeError):  # the timer makes room
                while len(self.expirations) >= MOST_COUNTS:
                    self.clear(next(iter(self.expirations)))
            return super().incr(key, expiry, amount)

    def decr(self, key: str, amount: int = 1) -> int:
        with self._counting:
            return super().decr(key, amount)


class Limiter:
    """Counts in the store at `url` (BTL_LIMITS_URL), or from nothing in memory."""

    def __init__(self, url: str = MEMORY) -> None:
        self._own = SlidingWindowCounterRateLimiter(BoundedMemory())
        self._shared = None if url == MEMORY else SlidingWindowCounterRateLimiter(store(url))
        self._breaker = Breaker(failures=1, rest=REST_SECONDS)

    def take(self, limit: RateLimitItem, *caller: str) -> int | None:
        """Count a request of `caller`; None, or in how many seconds to come back if it is over the limit."""
        if self._shared is None:
            return _take(self._own, limit, caller)
        if self._breaker.admits():
            try:
                wait = _take(self._shared, limit, caller)
            except StorageError:
                self._breaker.record(success=False)
            else:
                self._breaker.record(success=True)
                return wait
        ALONE.inc()
        return _take(self._own, limit, caller)


def store(url: str) -> Storage:
    """The store at `url`, to which nothing is said yet. It answers within ANSWER_SECONDS or raises StorageError."""
    # by default the client tries three times, and waits in between
    patience: dict[str, Any] = {
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "retry": None,
    }
    found = storage_from_string(url, wrap_exceptions=True, **patience)
    assert isinstance(found, Storage)
    return found


def _take(limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, caller: tuple[str, ...]) -> int | None:
    if limiter.hit(limit, *caller):
        return None
    reset = limiter.get_window_stats(limit, *caller).reset_time
    return max(1, math.ceil(reset - time.time()))
