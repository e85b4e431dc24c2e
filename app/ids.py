"""Time-ordered 64-bit ids: 42 bits of milliseconds since 1970, then 21 random bits.

They sort by creation time, so a keyset page needs no second column, and are made before the INSERT, so
that a row and what refers to it can be written together. The sign bit stays clear until the year 2109.
"""

import secrets
import threading
from datetime import datetime

from app import clock

RANDOM_BITS = 21
LARGEST = 2**63 - 1

# an import brings many rows of one moment, among others of its own
MOST_MOMENTS = 1000

_lock = threading.Lock()
# the last id of each of the latest moments, by its first
_last: dict[int, int] = {}


def new_id(at: datetime | None = None) -> int:
    """A fresh id for something that happened at `at` (default now); imported history passes its own time.

    Within a process, ids of one millisecond follow each other in the order they were asked for. Raises ValueError for
    a moment that the 42 bits cannot hold (before 1970 or after 2109).
    """
    first = first_at(at or clock.now())
    with _lock:
        made = _last.pop(first) + 1 if first in _last else first | secrets.randbits(RANDOM_BITS)
        _last[first] = made
        if len(_last) > MOST_MOMENTS:
            del _last[next(iter(_last))]
    return made


def first_at(at: datetime) -> int:
    """The smallest id that something at `at` could have: a bound for range queries by time. ValueError as above."""
    moment = clock.milliseconds(at)
    if not 0 <= moment < 2**42:
        raise ValueError("an id can only hold a time between 1970 and 2109")
    return moment << RANDOM_BITS


def text(number: int | None) -> str | None:
    """An id as JSON carries it, where there may be none."""
    return None if number is None else str(number)


def parse(text: str) -> int | None:
    """An id as JSON and addresses carry it (decimal digits), or None if it is not one."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if number <= LARGEST else None
