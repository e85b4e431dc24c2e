"""`language`: what a text is in, as far as can be told; `unread`: those of it that its scorer does not read.

What a scorer does not read it cannot judge: the scores of such a text may hold it, for a person who can, and never more
than that. What becomes of one whose scores hold nothing is a key of the policy (`machine.unread`).
"""

from collections.abc import Iterator

from app.language import mark
from app.signals.family import HOLD, OUTCOMES, Family, Signal, SignalFinding, Signals, WaitingReason, WrittenText
from app.signals.unscored import UNKNOWN_PROBABILITY
from config.rules import SiteRules

LANGUAGE, UNREAD = "language", "unread"


def is_read(signals: Signals) -> bool | None:
    """Whether the scorer reads all of the text; None if its language could not be told."""
    return UNREAD not in signals if LANGUAGE in signals else None


def _collect(text: WrittenText) -> Iterator[Signal]:
    scoring = text.scoring
    if scoring.languages:
        yield LANGUAGE, " ".join(scoring.languages)
    unread = [code for code in scoring.languages if code not in scoring.reads]
    if unread:
        yield UNREAD, " ".join(unread)


def _judge(signals: Signals, rules: SiteRules) -> Iterator[SignalFinding]:
    if is_read(signals) is False and rules.machine.unread == "hold":
        yield SignalFinding(OUTCOMES.index(HOLD), UNKNOWN_PROBABILITY, UNREAD)


FAMILY = Family(
    {LANGUAGE: mark("language"), UNREAD: mark("not read by the scorer")},
    _collect,
    _judge,
    WaitingReason(
        UNREAD,
        mark("Thank you. Our first check does not know this language, so a moderator reads it before it appears."),
        mark("Not in a language that the scorer reads"),
    ),
)
