"""Many at the same moment: how every race begins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(act: Callable[[int], T], times: int) -> list[T]:
    """What `act` returned for 0 to `times` - 1, each in a thread of its own, let go together."""
    gate = Barrier(times)

    def run(number: int) -> T:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
