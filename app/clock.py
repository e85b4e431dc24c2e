"""The one source of the present time, so that one who must can move it and a search for it finds every reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_offset: ContextVar[timedelta] = ContextVar("offset", default=timedelta())


def now() -> datetime:
    """The present moment in UTC, with its time zone."""
    return datetime.now(UTC) + _offset.get()


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Inside the block it is `moment` and goes on from there, for this thread: for histories told after the fact."""
    token = _offset.set(moment - datetime.now(UTC))
    try:
        yield
    finally:
        _offset.reset(token)


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds from 1970 to `moment` (which must carry a time zone)."""
    return int((moment - EPOCH).total_seconds() * 1000)
