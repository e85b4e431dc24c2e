"""Threads that run what may wait: they are given work, and the event loop hears when it is done."""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
# what one thread is given to do; None to end
_Work = SimpleQueue[Callable[[], None] | None]


class Threads:
    """So many, which belong to one event loop. Whoever wants one waits in line for it."""

    def __init__(self, number: int, name: str) -> None:
        self._free = asyncio.Semaphore(number)
        # the last one that worked comes first, since what it needs is still at hand
        self._idle: list[_Work] = [SimpleQueue() for _ in range(number)]
        self._all = {Thread(target=_run, args=(work,), name=name, daemon=True): work for work in self._idle}

    @property
    def busy(self) -> bool:
        """Whether who wants a thread now would have to wait."""
        return self._free.locked()

    def start(self) -> None:
        """Begin, in the process that is to do the work."""
        for thread in self._all:
            thread.start()

    def stop(self) -> None:
        """Finish what has been begun, and end."""
        for work in self._all.values():
            work.put(None)
        for thread in self._all:
            thread.join()

    async def turn(self) -> None:
        """Wait for a thread, which is then the caller's until `run` has returned."""
        await self._free.acquire()

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work`, which raises nothing, in the caller's thread."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        thread = self._idle.pop()
        thread.put(lambda: _finish(loop, done, work()))
        try:
            return await done
        finally:
            self._idle.append(thread)
            self._free.release()


def _run(given: _Work) -> None:
    while (work := given.get()) is not None:
        work()


def _finish(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[T]", result: T) -> None:
    loop.call_soon_threadsafe(done.set_result, result)
