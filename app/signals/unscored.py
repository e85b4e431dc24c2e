"""`unscored`: why no scorer answered. Doubt holds: a score that is missing is a reason to wait for a person."""

from collections.abc import Iterator

from app.language import mark
from app.signals import toxicity_scores
from app.signals.family import HOLD, OUTCOMES, Family, Signal, SignalFinding, Signals, WaitingReason, WrittenText
from app.toxicity.scorer import Unavailable
from config.rules import ATTRIBUTES, SiteRules

NAME = "unscored"
# the probability of a breach that no score can tell
UNKNOWN_PROBABILITY = 0.5


def is_unscored(signals: Signals) -> bool:
    """Whether a score is missing."""
    return NAME in signals or len(toxicity_scores.read(signals)) < len(ATTRIBUTES)


def _collect(text: WrittenText) -> Iterator[Signal]:
    if isinstance(text.scoring.result, Unavailable):
        yield NAME, text.scoring.result.reason


def _judge(signals: Signals, _rules: SiteRules) -> Iterator[SignalFinding]:
    if is_unscored(signals):
        yield SignalFinding(OUTCOMES.index(HOLD), UNKNOWN_PROBABILITY, NAME)


FAMILY = Family(
    {NAME: mark("unscored")},
    _collect,
    _judge,
    WaitingReason(
        NAME,
        mark("Thank you. Our first check did not answer, so a moderator reads this comment before it appears."),
        mark("Could not be scored"),
    ),
)
