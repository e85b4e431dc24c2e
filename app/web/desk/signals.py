"""What the machine saw of a comment, as the page of an item shows it: scores as meters, all else in a line."""

from dataclasses import dataclass
from typing import Any

from app.models import Assessment
from app.signals import families, toxicity_scores
from app.signals.toxicity_scores import FIRST, SECOND
from config.rules import SiteRules, Threshold


@dataclass(frozen=True)
class Meter:
    """A score beside the thresholds for it; `opinions` are the two of which it is the average."""

    called: str
    score: float
    limits: Threshold
    opinions: tuple[float, float] | None


@dataclass(frozen=True)
class Seen:
    """`meters`: the highest score first. `others`: what every other signal is called, and its value."""

    meters: list[Meter]
    others: list[tuple[str, Any]]
    scorer: str


def seen(assessment: Assessment, rules: SiteRules) -> Seen:
    """What the machine saw of the text that was assessed, under the rules of its site."""
    signals = assessment.signals
    first, second = toxicity_scores.read(signals, FIRST), toxicity_scores.read(signals, SECOND)
    meters = [
        Meter(
            families.called(toxicity_scores.signal_of(attribute)),
            score,
            rules.thresholds[attribute],
            (first[attribute], second[attribute]) if attribute in first and attribute in second else None,
        )
        for attribute, score in toxicity_scores.read(signals).items()
    ]
    others = [(families.called(name), value) for name, value in signals.items() if not toxicity_scores.is_score(name)]
    return Seen(sorted(meters, key=lambda meter: -meter.score), others, assessment.scorer)
