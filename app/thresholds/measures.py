"""Figures about one attribute's scores beside what people decided: per threshold, and how well calibrated."""

from collections.abc import Mapping
from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.thresholds.evidence import Evidence
from app.toxicity.metrics import Flags, Floats, auc, calibration_error
from app.toxicity.scorer import ATTRIBUTES
from config.rules import Threshold

# thresholds of a policy have two digits
GRID: NDArray[np.float64] = np.arange(1, 100) / 100
BINS = 10
# of a normal distribution: 95 % lie between minus and plus that
Z = 1.959964


class Point(msgspec.Struct, frozen=True):
    """A threshold, and the texts that score at or over it: by what people decided, and those that nobody looked at.

    `precision` is the removed share of the decided, with its 95 % Wilson interval; `recall` the share of all removed
    that is among them. None where there is nothing to divide by. `per_day`: comments that it alone would hold.
    """

    threshold: float
    removed: int
    approved: int
    unreviewed: int
    precision: float | None
    low: float
    high: float
    recall: float | None
    per_day: float

    @property
    def decided(self) -> int:
        """The texts at or over it that people decided on."""
        return self.removed + self.approved

    @property
    def reviewed(self) -> float:
        """The share that people decided on; 1 where there is nothing."""
        return self.decided / (self.decided + self.unreviewed) if self.unreviewed else 1.0


class Bin(msgspec.Struct, frozen=True):
    """Decided texts whose scores lie from `low` up to `high`: how many, their mean score, their removed share."""

    low: float
    high: float
    texts: int
    score: float
    removed: float


class Attribute(msgspec.Struct, frozen=True):
    """What the decisions say of one attribute. `auc`, 0 to 1, and `calibration` (the expected error, 0 to 1) are None
    without texts of both kinds."""

    name: str
    points: list[Point]
    auc: float | None
    calibration: float | None
    bins: list[Bin]


def measure(evidence: Evidence, thresholds: Mapping[str, Threshold], days: float) -> list[Attribute]:
    """The six attributes over the texts that have scores, at every hundredth and at the `thresholds` in force; `days`
    is the time that the comments span."""
    return [_attribute(evidence, k, thresholds[name], days) for k, name in enumerate(ATTRIBUTES)]


def wilson(hits: int, tries: int) -> tuple[float, float]:
    """The 95 % interval for the share behind `hits` of `tries`; from 0 to 1 where nothing was tried."""
    if not tries:
        return 0.0, 1.0
    share, spread = hits / tries, Z * Z / tries
    middle = (share + spread / 2) / (1 + spread)
    reach = Z * sqrt(share * (1 - share) / tries + spread / (4 * tries)) / (1 + spread)
    # at the ends the formula is exact on paper only
    return (0.0 if hits == 0 else middle - reach), (1.0 if hits == tries else middle + reach)


def _attribute(evidence: Evidence, k: int, in_force: Threshold, days: float) -> Attribute:
    scores, scored = evidence.scores[:, k], evidence.scored
    decided = scored & (evidence.labels >= 0)
    both = bool((scored & evidence.removed).any() and (scored & evidence.approved).any())
    removed, of_decided = evidence.removed[decided], scores[decided]
    own = [limit for limit in (in_force.nudge, in_force.hold, in_force.severe) if limit <= 1]
    return Attribute(
        ATTRIBUTES[k],
        _points(evidence, scores, np.union1d(GRID, own), days),
        auc(removed, of_decided) if both else None,
        calibration_error(removed, of_decided, BINS) if both else None,
        reliability(removed, of_decided),
    )


def _points(evidence: Evidence, scores: Floats, limits: Floats, days: float) -> list[Point]:
    scored = evidence.scored
    groups = evidence.removed, evidence.approved, evidence.unreviewed, evidence.ours
    columns = (_at_or_over(scores[scored & group], limits) for group in groups)
    all_removed = int((scored & evidence.removed).sum())
    return [
        Point(
            limit,
            removed,
            approved,
            unreviewed,
            _share(removed, removed + approved),
            *wilson(removed, removed + approved),
            _share(removed, all_removed),
            ours / days,
        )
        for limit, removed, approved, unreviewed, ours in zip(limits.tolist(), *columns, strict=True)
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _at_or_over(scores: Floats, limits: Floats) -> list[int]:
    """How many scores are at or over each limit."""
    counts: list[int] = (len(scores) - np.searchsorted(np.sort(scores), limits, side="left")).tolist()
    return counts


def reliability(removed: Flags, scores: Floats) -> list[Bin]:
    """The bins of equal width that hold any texts."""
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    texts = np.bincount(places, minlength=BINS)
    sums, hits = (np.bincount(places, weights=each, minlength=BINS) for each in (scores, removed))
    return [
        Bin(k / BINS, (k + 1) / BINS, int(texts[k]), float(sums[k] / texts[k]), float(hits[k] / texts[k]))
        for k in np.flatnonzero(texts).tolist()
    ]
