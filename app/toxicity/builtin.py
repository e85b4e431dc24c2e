"""The built-in scorer: no download, no GPU, no torch. Deterministic: the same text has the same scores at all times.

A fast model (a bag of features, network.Weights) scores everything. What is not clear to it is scored by a slow one as
well (a small transformer, encoder.Encoder), and the two are blended. Most comments are clear. Where onnxruntime
cannot be loaded, which runs the slow one, the fast one scores alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.toxicity import network
from app.toxicity.features import bags, plain
from app.toxicity.lexicon import read
from app.toxicity.network import Floats, sigmoid
from app.toxicity.normaliser import FOLDER, LEXICON, Normaliser
from app.toxicity.scorer import Scores
from app.toxicity.windows import windows

if TYPE_CHECKING:
    from app.toxicity.encoder import Encoder

WEIGHTS, MODEL, TOKENIZER, BLEND = "builtin.npz", "encoder.onnx", "tokenizer.json", "blend.npz"
SHIPPED = (WEIGHTS, MODEL, TOKENIZER, BLEND, LEXICON)
# tokens that the encoder reads at once
LONGEST_TOKENS = 160
# A window of which the fast model gives every attribute less than this is clear: on news sites, most are.
CLEAR_PROBABILITY = 0.012
# The slow model scores so many windows of a text at most, the worst first: a long text must not take a second.
MOST_SLOW_WINDOWS = 8
# And those in so many readings of LONGEST_TOKENS: a window mostly takes one, but five in some scripts.
MOST_READINGS = 16
# Texts scored at once: what their features take up stays within the processor's cache.
BLOCK_TEXTS = 64


class Blend(NamedTuple):
    """Slope and shift per attribute for the mean of the two models' logits."""

    slope: Floats
    shift: Floats
    version: str

    def probabilities(self, fast: Floats, slow: Floats) -> NDArray[np.float64]:
        """Of the two models' logits (windows by six)."""
        return sigmoid((fast + slow).astype(np.float64) / 2 * self.slope + self.shift)

    def save(self, path: Path) -> None:
        """A plain .npz, as load_blend reads it."""
        np.savez(path, slope=self.slope, shift=self.shift, version=np.array(self.version))


def load_blend(path: Path) -> Blend:
    """OSError when the file is missing, ValueError or KeyError when it is not such a file."""
    with np.load(path, allow_pickle=False) as saved:
        return Blend(saved["slope"], saved["shift"], str(saved["version"]))


class Builtin:
    """The two models as one scorer (app.toxicity.scorer.Scorer), or the fast one without an encoder."""

    name = "builtin"
    # what it has learnt from
    languages = frozenset({"en"})

    def __init__(
        self, weights: network.Weights, encoder: "Encoder | None", blend: Blend, normaliser: Normaliser
    ) -> None:
        self._weights = weights
        self._encoder = encoder
        self._blend = blend
        self._normaliser = normaliser

    @property
    def version(self) -> str:
        return self._blend.version if self.is_whole else f"{self._blend.version}-fast"

    @property
    def is_whole(self) -> bool:
        """Whether it has the slow model, too."""
        return self._encoder is not None

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores]:
        """One struct per text. Some ten milliseconds each at most times, so Guarded alone minds the deadline."""
        return [Scores(*row) for row in self.probabilities(texts).tolist()]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Texts by six: the maximum over each text's windows."""
        blocks = [self._block(texts[first : first + BLOCK_TEXTS]) for first in range(0, len(texts), BLOCK_TEXTS)]
        return np.concatenate([np.empty((0, network.OUTPUTS)), *blocks])

    def _block(self, texts: Sequence[str]) -> NDArray[np.float64]:
        pieces = [windows(plain(self._normaliser(text))) for text in texts]
        counts = np.array([len(each) for each in pieces])
        flat = [piece for each in pieces for piece in each]
        logits = self._weights.logits(*bags(flat))
        scores = self._weights.calibrated(logits)
        if self._encoder is not None:
            unclear, owners = _unclear(scores, counts), np.repeat(np.arange(len(texts)), counts)
            read = _readings(self._encoder, flat, unclear, owners)
            if read:
                places = list(read)
                scores[places] = self._blend.probabilities(logits[places], self._encoder.highest(list(read.values())))
        return np.maximum.reduceat(scores, network.starts(counts), axis=0)


def _readings(
    encoder: "Encoder", flat: Sequence[str], unclear: NDArray[np.int64], owners: NDArray[np.int64]
) -> dict[int, list[list[int]]]:
    """Of the windows at `unclear`, as the encoder reads them, those that its owner (a text) can afford."""
    left = dict.fromkeys(owners.tolist(), MOST_READINGS)
    read = {}
    for place in unclear.tolist():
        readings, owner = encoder.windows(flat[place]), owners[place]
        if len(readings) <= left[owner]:
            left[owner] -= len(readings)
            read[place] = readings
    return read


def _unclear(scores: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The windows to be scored again, the highest of each text first: those that are not clear, and of each text the
    MOST_SLOW_WINDOWS highest.
    """
    highest = scores.max(axis=1)
    text = np.repeat(np.arange(len(counts)), counts)
    ordered = np.lexsort((-highest, text))
    rank = np.arange(len(text)) - network.starts(counts)[text]
    unclear: NDArray[np.int64] = ordered[(rank < MOST_SLOW_WINDOWS) & (highest[ordered] >= CLEAR_PROBABILITY)]
    return unclear


def load(folder: Path = FOLDER) -> Builtin:
    """The scorer with the weights in `folder`, those of this release where none is named."""
    return Builtin(
        network.load(folder / WEIGHTS),
        _encoder(folder),
        load_blend(folder / BLEND),
        Normaliser(read(folder / LEXICON)),
    )


def _encoder(folder: Path) -> "Encoder | None":
    """None on a machine for which there is no onnxruntime."""
    try:
        from app.toxicity.encoder import Encoder
    except ImportError:
        return None
    return Encoder(folder / MODEL, folder / TOKENIZER, LONGEST_TOKENS)
