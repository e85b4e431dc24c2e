"""Turns logits into probabilities that mean what they say: Platt's line per attribute, fitted on rows kept
from training.
"""

import numpy as np
from numpy.typing import NDArray

from app.toxicity.network import OUTPUTS, Floats, sigmoid

_NEWTON_STEPS = 50
# Holds the slope near 1 where positives are few (threats): worth this many rows' evidence.
_PRIOR = 2.0


def platt(logits: Floats, labels: Floats) -> tuple[Floats, Floats]:
    """Slope and shift per attribute from logits and labels (rows by six, NaN: not known)."""
    lines = [_line(logits[known, k], labels[known, k]) for k, known in enumerate(~np.isnan(labels).T)]
    fitted = np.array(lines, np.float32).reshape(OUTPUTS, 2)
    return fitted[:, 0], fitted[:, 1]


def _line(logits: Floats, labels: Floats) -> NDArray[np.float64]:
    inputs = np.stack([logits, np.ones_like(logits)], axis=1).astype(np.float64)
    line = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        chance = sigmoid(inputs @ line)
        slope = inputs.T @ (chance - labels) + _PRIOR * (line - [1, 0]) * [1, 0]
        curve = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + np.diag([_PRIOR, 1e-6])
        line -= np.linalg.solve(curve, slope)
    return line
