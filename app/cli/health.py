"""What the doctor says of one part of an installation."""

from collections.abc import Callable
from dataclasses import dataclass


class Ill(RuntimeError):
    """A part is not well; the message says in one line why and what helps."""


@dataclass(frozen=True)
class HealthFinding:
    """What was found about one part of the installation."""

    part: str
    good: bool
    words: str


def look(part: str, check: Callable[[], str]) -> HealthFinding:
    """What `check` finds about a part: it says in a few words that it is well, or raises whatever it likes."""
    try:
        return HealthFinding(part, True, check())
    except Exception as error:
        return HealthFinding(part, False, str(error).partition("\n")[0] or type(error).__name__)
