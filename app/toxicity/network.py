"""The fast model of the built-in scorer: a bag of feature vectors, a hidden layer, a straight path beside it.

The first six numbers of the bag go straight to the six logits (a linear model); the hidden layer adds what
depends on company, and is bounded: in the grossest abuse the straight path has the last word.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.toxicity.scorer import ATTRIBUTES

Floats = NDArray[np.float32]
# A very short text has few features; counting it as this many keeps one rare feature from deciding alone.
FEWEST_FEATURES = 8
OUTPUTS = len(ATTRIBUTES)


def sigmoid(lines: NDArray[Any]) -> NDArray[Any]:
    """1 / (1 + exp(-x)) without its overflow."""
    return (1 + np.tanh(lines / 2)) / 2


class Head(NamedTuple):
    """hidden: width by units, out: units by six; with their biases."""

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    def logits(self, bag: Floats) -> tuple[Floats, Floats]:
        """Activations (rows by units) and logits (rows by six) of bags (rows by width)."""
        active = np.tanh(bag @ self.hidden + self.hidden_bias)
        return active, active @ self.out + self.out_bias + bag[:, :OUTPUTS]


def lengths(counts: NDArray[np.int64]) -> Floats:
    """What a bag's sum is divided by."""
    return np.sqrt(np.maximum(counts, FEWEST_FEATURES)).astype(np.float32)


def starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each text's part begins, where parts of these lengths stand one after another."""
    return np.cumsum(counts) - counts


class Weights(NamedTuple):
    """What is shipped: table (buckets by width, int8) with a scale per column, the head, and slope and shift
    per attribute.
    """

    table: NDArray[np.int8]
    scale: Floats
    head: Head
    slope: Floats
    shift: Floats

    def logits(self, buckets: NDArray[np.int32], counts: NDArray[np.int64]) -> Floats:
        """Before calibration, texts by six, of the texts' features as features.bags gives them."""
        return self.head.logits(self._bag(buckets, counts))[1]

    def calibrated(self, logits: Floats) -> NDArray[np.float64]:
        """Probabilities of logits, texts by six."""
        return sigmoid(logits.astype(np.float64) * self.slope + self.shift)

    def _bag(self, buckets: NDArray[np.int32], counts: NDArray[np.int64]) -> Floats:
        bag = np.zeros((len(counts), self.table.shape[1]), np.float32)
        some = counts > 0
        if some.any():
            vectors = self.table.take(buckets, axis=0)
            bag[some] = np.add.reduceat(vectors, starts(counts)[some], axis=0, dtype=np.int32)
        return bag * self.scale / lengths(counts)[:, None]

    def save(self, path: Path) -> None:
        """A plain .npz: the same weights give the same bytes."""
        np.savez(
            path,
            table=self.table,
            scale=self.scale,
            slope=self.slope,
            shift=self.shift,
            **self.head._asdict(),
        )


def load(path: Path) -> Weights:
    """OSError when the file is missing, ValueError or KeyError when it is not such a file."""
    with np.load(path, allow_pickle=False) as saved:
        head = Head(*(saved[name] for name in Head._fields))
        return Weights(saved["table"], saved["scale"], head, saved["slope"], saved["shift"])
