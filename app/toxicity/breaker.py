"""Whether a scorer is to be left in peace."""

import threading
import time
from collections.abc import Callable


class ProbedBreaker:
    """Open for as long as the scorer does not answer a short text of our own.

    That calls fail opens nothing, since it may lie in their texts: after `failures` in a row a thread of the breaker's
    asks `probe` (whether the scorer has answered), which may take `patience` seconds, and again every `rest` seconds
    until it has.
    """

    def __init__(self, probe: Callable[[], bool], *, failures: int, rest: float, patience: float) -> None:
        self._probe = probe
        self._most = failures
        self._rest = rest
        self._patience = patience
        self._failed = 0
        self._watching = self._ill = False
        self._asked_at: float | None = None
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether nobody should call now. A probe that hangs says so before it ends."""
        with self._lock:
            return self._ill or self._is_late()

    def record(self, *, success: bool) -> None:
        """Count how a call went."""
        with self._lock:
            self._failed = 0 if success else self._failed + 1
            if self._failed < self._most or self._watching:
                return
            self._watching = True
            try:
                threading.Thread(target=self._watch, name="scorer-probe", daemon=True).start()
            except RuntimeError:  # no thread is to be had: the next failure tries again
                self._watching = False

    def _watch(self) -> None:
        while not self._is_well():
            time.sleep(self._rest)

    def _is_well(self) -> bool:
        with self._lock:
            self._asked_at = time.monotonic()
        answered = self._probe()
        with self._lock:
            self._ill = not answered or self._is_late()
            self._asked_at = None
            if not self._ill:
                self._failed, self._watching = 0, False
            return not self._ill

    def _is_late(self) -> bool:
        return self._asked_at is not None and time.monotonic() - self._asked_at > self._patience
