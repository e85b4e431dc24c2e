"""The scores of a text: score.toxicity, score.threat, ..., each a probability from 0 to 1.

With a second opinion, a score is the average of the two, and what each scorer said stands beside it: first.threat,
second.threat, ...; where the second did not answer, `second` says why. Nobody else takes these names apart.
"""

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

from app.language import mark
from app.signals import language
from app.signals.family import HOLD, OUTCOMES, WITHHOLD, Family, Signal, SignalFinding, Signals, WrittenText
from app.toxicity.odds import averaged, logit
from app.toxicity.scorer import Scores, Unavailable
from config.rules import ATTRIBUTES, SiteRules

SCORE, FIRST, SECOND = "score", "first", "second"
# decimal places that are kept
SCORE_DIGITS = 4
ATTRIBUTE_NAMES = {
    "toxicity": mark("Toxicity"),
    "severe_toxicity": mark("Severe toxicity"),
    "obscene": mark("Obscenity"),
    "threat": mark("Threat"),
    "insult": mark("Insult"),
    "identity_attack": mark("Attack on identity"),
}


def signal_of(attribute: str) -> str:
    """The signal that holds the score of an attribute."""
    return f"{SCORE}.{attribute}"


def attribute_of(signal: str) -> str | None:
    """The attribute that a signal scores; None if it is no score."""
    return signal.partition(".")[2] if signal.startswith(f"{SCORE}.") else None


def is_score(signal: str) -> bool:
    """Whether a signal holds a score, of both opinions together or of one."""
    kind, _, attribute = signal.partition(".")
    return kind in (SCORE, FIRST, SECOND) and attribute in ATTRIBUTES


def as_signals(scores: Mapping[str, float], kind: str = SCORE) -> dict[str, float]:
    """The signals of the scores {attribute: probability} that SCORE, FIRST or SECOND are, as they are kept."""
    return {f"{kind}.{attribute}": round(score, SCORE_DIGITS) for attribute, score in scores.items()}


def read(signals: Signals, kind: str = SCORE) -> dict[str, float]:
    """{attribute: score} of what is there and a number: NaN would compare as below every threshold."""
    found = {attribute: signals.get(f"{kind}.{attribute}") for attribute in ATTRIBUTES}
    return {attribute: score for attribute, score in found.items() if score is not None and not isnan(score)}


def with_second(signals: Signals, second: Scores | Unavailable) -> dict[str, Any]:
    """The signals of a text whose scores are there, with what a second scorer said of it."""
    if isinstance(second, Unavailable):
        return {**signals, SECOND: second.reason}
    first = Scores(**read(signals))
    opinions = {SCORE: averaged(first, second), FIRST: first, SECOND: second}
    found = dict(signals)
    for kind, scores in opinions.items():
        found |= as_signals(scores.by_attribute(), kind)
    return found


def margin(signals: Signals, rules: SiteRules) -> float | None:
    """How far, in logits, the score that decides lies over its hold threshold, or below it (negative).

    None without scores, and where no score can hold.
    """
    holds = {name: rules.thresholds[name].hold for name in ATTRIBUTES if rules.thresholds[name].hold < 1}
    scores = read(signals)
    return max((logit(scores[name]) - logit(hold) for name, hold in holds.items() if name in scores), default=None)


def _collect(text: WrittenText) -> Iterator[Signal]:
    if isinstance(text.scoring.result, Scores):
        yield from as_signals(text.scoring.result.by_attribute()).items()


def _judge(signals: Signals, rules: SiteRules) -> Iterator[SignalFinding]:
    """What the scorer does not read, no score of it withholds."""
    gravest = OUTCOMES.index(HOLD if language.is_read(signals) is False else WITHHOLD)
    for attribute, score in read(signals).items():
        threshold = rules.thresholds[attribute]
        reached = sum(score >= limit for limit in (threshold.nudge, threshold.hold, threshold.severe))
        yield SignalFinding(min(reached, gravest), score, signal_of(attribute), rules.machine.rules[attribute])


FAMILY = Family(
    {f"{kind}.{attribute}": word for kind in (SCORE, FIRST, SECOND) for attribute, word in ATTRIBUTE_NAMES.items()}
    | {SECOND: mark("second")},
    _collect,
    _judge,
)
