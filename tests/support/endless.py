"""For texts so long that whoever looks at them again for each of their characters would be at it for hours."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

CPU_SECONDS = 60


class Endless(AssertionError):
    """It was stopped, since it would not have ended."""


@contextmanager
def stopped_if_endless() -> Iterator[None]:
    """For the main thread."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Endless

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
