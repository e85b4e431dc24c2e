"""Threads that run what may wait: they are given work, and the event loop hears when it is done."""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
_Work = Callable[[], None]


class Threads:
    """So many, which belong to one event loop. Whoever wants one waits in line for it."""

    def __init__(self, number: int, name: str) -> None:
        self._free = asyncio.Semaphore(number)
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads = [Thread(target=self._run, name=f"{name} {which}", daemon=True) for which in range(number)]

    @property
    def busy(self) -> bool:
        """Whether who wants a thread now would have to wait."""
        return self._free.locked()

    def start(self) -> None:
        """Begin, in the process that is to do the work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what has been begun, and end."""
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    async def turn(self) -> None:
        """Wait for a thread, which is then the caller's until `run` has returned."""
        await self._free.acquire()

    async def run(self, work: Callable[[], T]) -> T:
        """Do `work`, which raises nothing, in the caller's thread."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._work.put(lambda: _finish(loop, done, work()))
        try:
            return await done
        finally:
            self._free.release()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def _finish(loop: asyncio.AbstractEventLoop, done: "asyncio.Future[T]", result: T) -> None:
    loop.call_soon_threadsafe(done.set_result, result)
