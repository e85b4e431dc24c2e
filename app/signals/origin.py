"""`origin`: a comment that was not written here. It makes nothing harder; its author cannot be asked to think again."""

from collections.abc import Iterator

from app.language import mark
from app.signals.family import Family, Signal, Signals, WrittenText

NAME = "origin"


def is_imported(signals: Signals) -> bool:
    """Whether the comment was brought in with a history."""
    return signals.get(NAME) == "import"


def _collect(text: WrittenText) -> Iterator[Signal]:
    if text.origin != "site":
        yield NAME, text.origin


FAMILY = Family({NAME: mark("origin")}, _collect)
