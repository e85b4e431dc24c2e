"""What people made of a comment, from the decisions on it: removed, approved, or nothing yet. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.models.comment import PUBLISHED
from app.moderation.actions import REMOVALS
from app.moderation.appeals import UPHOLD
from app.moderation.undo import OVERTURN

APPROVE, DISMISS, WITHHOLD = "approve", "dismiss", "withhold"


@dataclass(frozen=True)
class DecisionStep:
    """A decision on a comment. `found`: the comment's state before it; `stands`: nobody has undone it."""

    action: str
    by_person: bool
    stands: bool
    found: str | None
    rule: str | None
    at: datetime


@dataclass(frozen=True)
class Label:
    """The final word of people on the text as it was `at` that moment; `rule` is what a removed one breaks."""

    removed: bool
    rule: str | None
    at: datetime


def final_word(steps: Iterable[DecisionStep]) -> Label | None:
    """The label that the decisions which stand amount to, from the oldest to the newest; None without a person's.

    The last word counts: an approval of what the machine held, a removal, an appeal that was upheld or overturned. A
    dismissed notice leaves a comment as it is, so it approves only of one that readers could see.
    """
    label: Label | None = None
    restricting: DecisionStep | None = None
    for step in steps:
        if not step.stands:
            continue
        if step.action in REMOVALS or step.action == WITHHOLD:
            restricting = step
        if not step.by_person:
            continue
        if restricting and step.action in (*REMOVALS, UPHOLD):
            label = Label(True, restricting.rule, step.at)
        elif step.action in (APPROVE, OVERTURN) or (step.action == DISMISS and step.found == PUBLISHED):
            label = Label(False, None, step.at)
    return label
