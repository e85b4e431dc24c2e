"""What the machine does with a comment: a pure function of its signals and the policy.

Every signal is looked at, and the gravest finding decides. So raising a score, or adding a signal, can make the
outcome harder and never softer. Doubt holds: a score that is missing is a reason to wait for a person.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Literal, get_args

from app.toxicity.odds import logit
from config.policy import ATTRIBUTES, SiteRules

Outcome = Literal["publish", "nudge", "hold", "withhold"]
PUBLISH, NUDGE, HOLD, WITHHOLD = OUTCOMES = get_args(Outcome)

# name → value, as kept with the comment: "score.threat": 0.93, "unscored": "deadline", "premoderated": True, ...
Signals = Mapping[str, Any]

UNKNOWN = 0.5


@dataclass(frozen=True)
class Verdict:
    """`reasons` are the names of the signals that led here, the strongest first; `rule` is what the
    strongest breaks. `probability` (0 to 1) is how likely a breach is; UNKNOWN if no score can tell.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    rule: str | None
    probability: float


@dataclass(frozen=True, order=True)
class Finding:
    """What one signal alone would lead to; findings sort by gravity."""

    rank: int
    probability: float
    signal: str
    rule: str | None = None


def decide(signals: Signals, rules: SiteRules) -> Verdict:
    """The verdict on a comment with these signals. The author of an imported one cannot be asked to think again."""
    findings = [*_scores(signals, rules), *_unscored(signals), *_premoderated(signals)]
    least = OUTCOMES.index(HOLD if signals.get("origin") == "import" else NUDGE)
    telling = sorted((f for f in findings if f.rank >= least), key=_gravity)
    probability = max((f.probability for f in findings), default=0.0)
    if not telling:
        return Verdict(PUBLISH, (), None, probability)
    rule = next((f.rule for f in telling if f.rule), None)
    return Verdict(OUTCOMES[telling[0].rank], tuple(f.signal for f in telling), rule, probability)


def margin(signals: Signals, rules: SiteRules) -> float | None:
    """How far, in logits, the score that decides lies over its hold threshold, or below it (negative).

    None without scores, and where no score can hold.
    """
    holds = {name: rules.thresholds[name].hold for name in ATTRIBUTES if rules.thresholds[name].hold < 1}
    scores = {name: _score(signals, name) for name in holds}
    return max((logit(score) - logit(holds[name]) for name, score in scores.items() if score is not None), default=None)


def _scores(signals: Signals, rules: SiteRules) -> Iterator[Finding]:
    for attribute in ATTRIBUTES:
        score = _score(signals, attribute)
        if score is not None:
            threshold = rules.thresholds[attribute]
            rank = sum(score >= limit for limit in (threshold.nudge, threshold.hold, threshold.severe))
            yield Finding(rank, score, f"score.{attribute}", rules.machine.rules[attribute])


def _unscored(signals: Signals) -> Iterator[Finding]:
    if "unscored" in signals or any(_score(signals, attribute) is None for attribute in ATTRIBUTES):
        yield Finding(OUTCOMES.index(HOLD), UNKNOWN, "unscored")


def _premoderated(signals: Signals) -> Iterator[Finding]:
    if signals.get("premoderated"):
        yield Finding(OUTCOMES.index(HOLD), 0.0, "premoderated")


def _score(signals: Signals, attribute: str) -> float | None:
    """None for what is missing or not a number: NaN would compare as below every threshold."""
    score = signals.get(f"score.{attribute}")
    return None if score is None or isnan(score) else score


def _gravity(finding: Finding) -> tuple[int, float, str]:
    return -finding.rank, -finding.probability, finding.signal
