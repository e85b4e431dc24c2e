"""Threads that run what may wait, and do not trouble the event loop with who comes next."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread

Work = Callable[[], None]
# what one thread is given to do; None to end
_Given = SimpleQueue[Work | None]


class Threads:
    """So many, for work that raises nothing. What finds them all busy waits in line."""

    def __init__(self, number: int, name: str) -> None:
        self._lock = Lock()
        self._line: deque[Work] = deque()
        # the last one that worked comes first, since what it needs is still at hand
        self._idle: list[_Given] = [SimpleQueue() for _ in range(number)]
        self._all = {Thread(target=self._run, args=(given,), name=name, daemon=True): given for given in self._idle}

    def start(self) -> None:
        """Begin, in the process that is to do the work."""
        for thread in self._all:
            thread.start()

    def stop(self) -> None:
        """Finish what has been begun, and end."""
        with self._lock:
            self._line.clear()
        for given in self._all.values():
            given.put(None)
        for thread in self._all:
            thread.join()

    def do(self, work: Work) -> bool:
        """Have `work` done; whether a thread is free for it now."""
        with self._lock:
            if not self._idle:
                self._line.append(work)
                return False
            given = self._idle.pop()
        given.put(work)
        return True

    def withdraw(self, work: Work) -> None:
        """Take `work` out of the line, if it is there."""
        with self._lock, suppress(ValueError):
            self._line.remove(work)

    def _run(self, given: _Given) -> None:
        while (work := given.get()) is not None:
            while work is not None:
                work()
                work = self._next(given)

    def _next(self, given: _Given) -> Work | None:
        with self._lock:
            if self._line:
                return self._line.popleft()
            self._idle.append(given)
        return None
