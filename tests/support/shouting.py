"""A family of signals that the house does not have: how much of a text is in capitals."""

from collections.abc import Iterator

from app.language import mark
from app.signals.family import (
    HOLD,
    OUTCOMES,
    WITHHOLD,
    Family,
    Signal,
    SignalFinding,
    Signals,
    WaitingReason,
    WrittenText,
)
from config.rules import SiteRules

NAME = "shouting"


def _collect(text: WrittenText) -> Iterator[Signal]:
    letters = [letter for letter in text.text if letter.isalpha()]
    yield NAME, round(sum(letter.isupper() for letter in letters) / max(len(letters), 1), 2)


def _judge(signals: Signals, _rules: SiteRules) -> Iterator[SignalFinding]:
    share = signals.get(NAME, 0.0)
    if share >= 0.5:
        yield SignalFinding(OUTCOMES.index(WITHHOLD if share == 1 else HOLD), share, NAME, "respect")


FAMILY = Family(
    {NAME: mark("Share of capitals")},
    _collect,
    _judge,
    WaitingReason(
        NAME,
        mark("Thank you. A moderator reads what is written in capitals before it appears."),
        mark("Shouted"),
        mark("Our software found it written in capitals."),
    ),
    facts=mark("All of it is in capitals."),
)
