"""What a comment's decisions amount to, whichever of them were undone, in whatever order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class DecisionStep:
    """One decision as the comment saw it: the state it found, and the one it gave (None: it left it alone).

    `stands`: it counts, being neither undone nor itself an undoing.
    """

    found: str
    gave: str | None
    stands: bool


def state_after(steps: Iterable[DecisionStep], now: str) -> str:
    """The state that the decisions which stand lead to, from the oldest to the newest; `now` is the present one.

    Where a decision found another state than the one before it had left, something else had happened to the comment
    (an edit, its author's deletion): that holds until the next decision that stands, and undoing never reverts it.
    """
    left: str | None = None
    state = now
    for step in steps:
        if step.found != left:
            state = step.found
        if step.gave is not None and step.stands:
            state = step.gave
        left = step.gave or step.found
    return now if left != now else state
