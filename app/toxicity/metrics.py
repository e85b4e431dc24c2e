"""Figures about scores, in numpy alone."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]


def auc(positive: Flags, scores: Floats) -> float:
    """Area under the ROC curve, 0 to 1: ties count half. NaN when one class is empty."""
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    sizes = np.diff(np.append(starts, len(ranked)))
    ranks = np.empty(len(scores))
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    hits = int(positive.sum())
    misses = len(positive) - hits
    if not hits or not misses:
        return float("nan")
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def calibration_error(positive: Flags, scores: Floats, bins: int = 15) -> float:
    """Expected calibration error over equal-width bins, 0 to 1."""
    places = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=scores - positive, minlength=bins)
    return float(np.abs(gaps).sum() / len(scores))
