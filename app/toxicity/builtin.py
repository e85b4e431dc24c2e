"""The built-in scorer: no download, no GPU, numpy only. Deterministic: the same text has the same scores on
every machine.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.toxicity import network
from app.toxicity.features import bags, plain
from app.toxicity.normaliser import FOLDER, Normaliser, shipped
from app.toxicity.scorer import Scores

WEIGHTS = "builtin.npz"
WINDOW = 1200
STEP = 900
# Texts scored at once: what their features take up stays within the processor's cache.
BLOCK = 64


def windows(text: str) -> list[str]:
    """Overlapping pieces of at most WINDOW characters, cut at spaces, so that an insult cannot hide in a long
    text.
    """
    if len(text) <= WINDOW:
        return [text]
    pieces, start = [], 0
    while start + WINDOW < len(text):
        stop = text.rfind(" ", start + STEP, start + WINDOW)
        pieces.append(text[start : stop if stop > 0 else start + WINDOW])
        start = max(text.rfind(" ", start, start + STEP), start + STEP // 2)
    return [*pieces, text[max(0, len(text) - WINDOW) :]]


class Builtin:
    name = "builtin"

    def __init__(self, weights: network.Weights, normaliser: Normaliser) -> None:
        self._weights = weights
        self._normaliser = normaliser

    @property
    def version(self) -> str:
        return self._weights.version

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores]:
        """One struct per text. Milliseconds whatever the text holds, so Guarded alone minds the deadline."""
        return [Scores(*row) for row in self.probabilities(texts).tolist()]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Texts by six: the maximum over each text's windows."""
        blocks = [self._block(texts[first : first + BLOCK]) for first in range(0, len(texts), BLOCK)]
        return np.concatenate([np.empty((0, network.OUTPUTS)), *blocks])

    def _block(self, texts: Sequence[str]) -> NDArray[np.float64]:
        pieces = [windows(plain(self._normaliser(text))) for text in texts]
        scores = self._weights.probabilities(*bags([piece for each in pieces for piece in each]))
        return np.maximum.reduceat(scores, network.starts(np.array([len(each) for each in pieces])), axis=0)


def load() -> Builtin:
    """The scorer with the weights of this release."""
    return Builtin(network.load(FOLDER / WEIGHTS), shipped())
