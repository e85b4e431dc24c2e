"""Threads that run what may wait, and do not trouble the event loop with who comes next."""

from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock, Thread

Work = Callable[[], None]
# what is to be done, and for whom
Task = tuple[str, Work]
# what one thread is given to do; None to end
_Given = SimpleQueue[Task | None]


class Threads:
    """So many, for work that raises nothing. What finds them all busy waits in line.

    `most` of them work for one caller at a time, so that others find one however much that caller asks.
    """

    def __init__(self, number: int, name: str, most: int) -> None:
        self._lock = Lock()
        self._most = most
        self._at_work = Counter[str]()
        self._line: deque[Task] = deque()
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

    def do(self, caller: str, work: Work) -> bool:
        """Have `work` done; whether a thread is free for it now."""
        with self._lock:
            if not self._idle or not self._has_one_for(caller):
                self._line.append((caller, work))
                return False
            self._at_work[caller] += 1
            given = self._idle.pop()
        given.put((caller, work))
        return True

    def withdraw(self, caller: str, work: Work) -> None:
        """Take `work` out of the line, if it is there."""
        with self._lock, suppress(ValueError):
            self._line.remove((caller, work))

    def _has_one_for(self, caller: str) -> bool:
        return self._at_work[caller] < self._most

    def _run(self, given: _Given) -> None:
        while (task := given.get()) is not None:
            while task is not None:
                caller, work = task
                work()
                task = self._next(given, caller)

    def _next(self, given: _Given, done: str) -> Task | None:
        """What comes next in line and has a thread to itself, now that one of the caller `done` is free."""
        with self._lock:
            self._at_work[done] -= 1
            if not self._at_work[done]:
                del self._at_work[done]
            for task in self._line:
                if self._has_one_for(task[0]):
                    self._line.remove(task)
                    self._at_work[task[0]] += 1
                    return task
            self._idle.append(given)
        return None
