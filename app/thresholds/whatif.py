"""What other thresholds would have made of the comments there were: signals.verdict, over whole columns."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.signals.family import HOLD, NUDGE, OUTCOMES, PUBLISH, WITHHOLD
from app.thresholds.evidence import Evidence
from app.toxicity.scorer import ATTRIBUTES
from config.rules import Threshold


class ThresholdEffect(msgspec.Struct, frozen=True):
    """Comments by what the machine would do with them and what people decided on them.

    `held` counts the withheld too. `posted_removed` would have slipped through; of `posted_undecided` nobody has said.
    """

    comments: int
    held: int
    withheld: int
    held_removed: int
    held_approved: int
    held_undecided: int
    held_per_day: float
    nudged: int
    posted_removed: int
    posted_approved: int
    posted_undecided: int


def outcomes(evidence: Evidence, thresholds: Mapping[str, Threshold]) -> NDArray[np.int64]:
    """A place in verdict.OUTCOMES for each row, as signals.verdict.decide gives it."""
    ranks = np.where(evidence.held_anyway, OUTCOMES.index(HOLD), OUTCOMES.index(PUBLISH))
    for k, name in enumerate(ATTRIBUTES):
        threshold = thresholds[name]
        # NaN is over no threshold
        reached = [evidence.scores[:, k] >= limit for limit in (threshold.nudge, threshold.hold, threshold.severe)]
        ranks = np.maximum(ranks, np.sum(reached, axis=0))
    unasked = evidence.imported & (ranks == OUTCOMES.index(NUDGE))
    return np.where(unasked, OUTCOMES.index(PUBLISH), ranks)


def effect(evidence: Evidence, thresholds: Mapping[str, Threshold], days: float) -> ThresholdEffect:
    """What `thresholds` would have done to the paper's own comments, which span `days`."""
    ranks = outcomes(evidence, thresholds)
    held = evidence.ours & (ranks >= OUTCOMES.index(HOLD))
    posted = evidence.ours & ~held
    removed, approved = evidence.removed, evidence.approved
    return ThresholdEffect(
        comments=int(evidence.ours.sum()),
        held=int(held.sum()),
        withheld=int((evidence.ours & (ranks == OUTCOMES.index(WITHHOLD))).sum()),
        held_removed=int((held & removed).sum()),
        held_approved=int((held & approved).sum()),
        held_undecided=int((held & ~removed & ~approved).sum()),
        held_per_day=float(held.sum() / days),
        nudged=int((evidence.ours & (ranks == OUTCOMES.index(NUDGE))).sum()),
        posted_removed=int((posted & removed).sum()),
        posted_approved=int((posted & approved).sum()),
        posted_undecided=int((posted & ~removed & ~approved).sum()),
    )
