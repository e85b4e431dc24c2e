"""Our toxicity on the scale of Google's TOXICITY, for thresholds that were chosen on Google's numbers.

Straight lines between points that as many comments reached there as here. `python -m benchmarks.google_scale` finds the
points, for one version of one scorer: what another one says means something else, and is never put on this scale.
"""

from pathlib import Path

import msgspec
import numpy as np

from app.errors import Conflict
from app.language import mark
from app.toxicity.scorer import Scorer, known_as

FILE = Path(__file__).with_name("google_scale.json")
# Google's names for what was compared; of the other attributes nobody kept Google's numbers
ATTRIBUTES = frozenset({"TOXICITY", "TOXICITY_EXPERIMENTAL"})


class Scale(msgspec.Struct, frozen=True):
    """Our `ours[i]` is `googles[i]` of Google's, for the toxicity that `scorer` gives; both rise from 0 to 1."""

    scorer: str
    ours: list[float]
    googles: list[float]

    def of(self, score: float) -> float:
        """What Google would have said, in the long run."""
        return float(np.interp(score, self.ours, self.googles))


GOOGLES = msgspec.json.decode(FILE.read_bytes(), type=Scale)


def fits(scorer: Scorer) -> bool:
    """Whether GOOGLES was made for that scorer in that version."""
    return known_as(scorer) == GOOGLES.scorer


def require(scorer: Scorer) -> None:
    """Raises Conflict (409, "no_scale") where it does not fit."""
    if not fits(scorer):
        raise Conflict(
            "no_scale",
            mark("Google's scale is known for the scorer %(known)s, and this installation has %(installed)s."),
            known=GOOGLES.scorer,
            installed=known_as(scorer),
        )
