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

_lock = threading.Lock()
_last = 0


def new_id(at: datetime | None = None) -> int:
    """A fresh id for something that happened at `at` (default now); imported history passes its own time.

    Within a process, ids of one millisecond follow each other in the order they were asked for. Raises ValueError for
    a moment that the 42 bits cannot hold (before 1970 or after 2109).
    """
    made = first_at(at or clock.now()) | secrets.randbits(RANDOM_BITS)
    global _last
    with _lock:
        in_the_same_millisecond = made >> RANDOM_BITS == _last >> RANDOM_BITS
        _last = _last + 1 if in_the_same_millisecond else made
        return _last


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
