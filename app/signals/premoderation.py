"""`premoderated`: every comment under the story waits for a moderator."""

from collections.abc import Iterator

from app.language import mark
from app.models.story import PREMODERATED
from app.signals.family import HOLD, OUTCOMES, Family, Signal, SignalFinding, Signals, WaitingReason, WrittenText
from config.rules import SiteRules

NAME = "premoderated"


def is_premoderated(signals: Signals) -> bool:
    """Whether the story was pre-moderated."""
    return bool(signals.get(NAME))


def _collect(text: WrittenText) -> Iterator[Signal]:
    if text.story.state == PREMODERATED:
        yield NAME, True


def _judge(signals: Signals, _rules: SiteRules) -> Iterator[SignalFinding]:
    if is_premoderated(signals):
        yield SignalFinding(OUTCOMES.index(HOLD), 0.0, NAME)


FAMILY = Family(
    {NAME: mark("premoderated")},
    _collect,
    _judge,
    WaitingReason(
        NAME,
        mark("Thank you. Comments on this story are read by a moderator before they appear."),
        mark("Story is pre-moderated"),
    ),
)
