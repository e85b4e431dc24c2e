"""Fits the network: Adagrad for the table, since most features are rare, and Adam for the head. Numpy alone,
seeds fixed.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.toxicity.features import BUCKETS
from app.toxicity.network import OUTPUTS, Floats, Head, lengths, sigmoid, starts

WIDTH = 24
UNITS = 32
EPOCHS = 4
BATCH_TEXTS = 512
TABLE_RATE = 0.1
HEAD_RATE = 0.002
# The share of features left out at random from each text each time: no single one is to be relied upon.
DROPPED_SHARE = 0.5


class Examples:
    """Features, labels (NaN: not known), weights and source numbers of the training texts; source 0 is the
    home ground.
    """

    def __init__(
        self,
        bags: tuple[NDArray[np.int32], NDArray[np.int64]],
        labels: Floats,
        weights: Floats,
        sources: NDArray[np.int64],
    ) -> None:
        self.buckets, self.counts = bags
        self._starts = starts(self.counts)
        known = ~np.isnan(labels)
        self.labels = np.where(known, labels, 0).astype(np.float32)
        self.weights = (known * weights[:, None]).astype(np.float32)
        self.sources = sources

    def take(self, rows: NDArray[np.int64], random: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The rows' features, less those dropped."""
        counts = self.counts[rows]
        places = np.repeat(self._starts[rows] - starts(counts), counts) + np.arange(counts.sum())
        kept = random.random(len(places), dtype=np.float32) >= DROPPED_SHARE
        owners = np.repeat(np.arange(len(rows)), counts)[kept]
        return self.buckets[places[kept]], np.bincount(owners, minlength=len(rows))


class Fit:
    """The parameters while they are being fitted. The table lies column by column: each fits the processor's
    cache.
    """

    def __init__(self, sources: int, seed: int = 0) -> None:
        self.random = random = np.random.default_rng(seed)
        self.table = random.normal(0, 0.05, (WIDTH, BUCKETS)).astype(np.float32)
        self.table[:OUTPUTS] = 0
        self._squares = np.full((WIDTH, BUCKETS), 1e-3, np.float32)
        self.head = Head(
            random.normal(0, WIDTH**-0.5, (WIDTH, UNITS)).astype(np.float32),
            np.zeros(UNITS, np.float32),
            random.normal(0, 0.5 * UNITS**-0.5, (UNITS, OUTPUTS)).astype(np.float32),
            np.full(OUTPUTS, -2, np.float32),
        )
        # What a source calls toxic, and how often, differs: each foreign one has its own shift, thrown away
        # afterwards.
        self._shifts = np.zeros((sources, OUTPUTS), np.float32)
        self._adam = [_Adam(part) for part in (*self.head, self._shifts)]

    def epoch(self, examples: Examples, number: int, progress: Callable[[int, int], None]) -> None:
        """Learn from every example once, in epoch `number` (from 0); `progress` hears texts done and texts in all."""
        order = self.random.permutation(np.flatnonzero(examples.counts))
        total = EPOCHS * len(order)
        for first in range(0, len(order), BATCH_TEXTS):
            done = number * len(order) + first
            self._step(examples, order[first : first + BATCH_TEXTS], max(0.02, 1 - done / total))
            progress(done, total)

    def _step(self, examples: Examples, rows: NDArray[np.int64], rate: float) -> None:
        buckets, counts = examples.take(rows, self.random)
        # Those left stand for those dropped: the head must see bags of the size that it will see in use.
        divisors = (1 - DROPPED_SHARE) * lengths(examples.counts[rows])[:, None]
        bag = self._sums(buckets, counts) / divisors
        active, logits = self.head.logits(bag)
        logits = logits + self._shifts[examples.sources[rows]]
        error = (sigmoid(logits) - examples.labels[rows]) * examples.weights[rows]

        inner = (error @ self.head.out.T) * (1 - active * active)
        shifts = np.zeros_like(self._shifts)
        np.add.at(shifts, examples.sources[rows], error)
        shifts[0] = 0
        towards_bag = inner @ self.head.hidden.T
        towards_bag[:, :OUTPUTS] += error
        towards_bag /= divisors

        slopes = (bag.T @ inner, inner.sum(0), active.T @ error, error.sum(0), shifts)
        for adam, slope in zip(self._adam, slopes, strict=True):
            adam.step(slope / len(rows), HEAD_RATE * rate)
        for column in range(WIDTH):
            spread = np.repeat(towards_bag[:, column], counts)
            slope = np.bincount(buckets, weights=spread, minlength=BUCKETS).astype(np.float32)
            self._squares[column] += slope * slope
            self.table[column] -= TABLE_RATE * rate * slope / np.sqrt(self._squares[column])

    def _sums(self, buckets: NDArray[np.int32], counts: NDArray[np.int64]) -> Floats:
        bag = np.zeros((len(counts), WIDTH), np.float32)
        some = counts > 0
        first = starts(counts)[some]
        for column in range(WIDTH):
            bag[some, column] = np.add.reduceat(self.table[column].take(buckets), first)
        return bag


class _Adam:
    def __init__(self, values: Floats) -> None:
        self._values = values
        self._mean = np.zeros_like(values)
        self._square = np.zeros_like(values)
        self._steps = 0

    def step(self, slope: Floats, rate: float) -> None:
        self._steps += 1
        self._mean += 0.1 * (slope - self._mean)
        self._square += 0.001 * (slope * slope - self._square)
        mean = self._mean / (1 - 0.9**self._steps)
        square = self._square / (1 - 0.999**self._steps)
        self._values -= rate * mean / (np.sqrt(square) + 1e-8)
