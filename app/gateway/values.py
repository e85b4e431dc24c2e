"""Single values of Stripe's JSON: moments, texts, and the ids of objects. What is of another type is refused."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# all that picking an object of any shape apart can raise
UNREADABLE = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, OSError)


class MalformedObject(ValueError):
    """An object from Stripe lacks what every one of its kind has, or has something of another type."""


def moment(seconds: Any) -> datetime:
    """Seconds since 1970 as a moment in UTC. Raises one of UNREADABLE: TypeError, or for one that does not exist."""
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("expected seconds")
    return datetime.fromtimestamp(seconds, UTC)


def optional_moment(seconds: Any) -> datetime | None:
    """As `moment`; None stays None."""
    return None if seconds is None else moment(seconds)


def text(value: Any) -> str:
    """A text that is not empty. Raises TypeError."""
    if not isinstance(value, str) or not value:
        raise TypeError("expected a text")
    return value


def optional_text(value: Any) -> str | None:
    """As `text`; None stays None."""
    return None if value is None else text(value)


def reference(value: Any) -> str | None:
    """The id of an object given as its id or, expanded, whole. Raises KeyError and TypeError."""
    return optional_text(value["id"] if isinstance(value, Mapping) else value)
