"""Trains the built-in scorer from the data folder. Same data, same program: same weights."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import compress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.toxicity import calibration, corpus, lexicon, network
from app.toxicity.builtin import WEIGHTS, WINDOW, Builtin
from app.toxicity.card import card
from app.toxicity.disguises import disguise
from app.toxicity.features import bags, plain
from app.toxicity.fitting import EPOCHS, Examples, Fit
from app.toxicity.normaliser import LEXICON, Normaliser
from app.toxicity.report import Report, Thresholds, measure

# What one row of each source counts for; those not named are other sites with other ideas of toxic.
_HOME = ("jigsaw14k", "jigsix", "jigsix_lc")
_WEIGHTS = {
    **dict.fromkeys(_HOME, 1.0),
    "wikipedia_20k_perspective_scores": 0.5,
    "davidson": 0.1,
    "hatexplain": 0.1,
}
_FOREIGN = 0.3
# All its rows are toxic and about the news: it would teach that politicians and taxes are.
_LEFT_OUT = "civil_spans"
# The only source with the natural mix of clean and toxic: every fourth row of it is kept for calibration.
_NATURAL = "jigsaw14k"
_KEPT = 4
# Of these disguises the normaliser takes off the rude words only, so the network learns the rest.
_LEARNT = ("stars", "swaps", "leet")

CARD = "MODEL_CARD.md"

Progress = Callable[[str, int, int], None]


def train(data: Path, out: Path, progress: Progress, thresholds: Thresholds) -> Report:
    """Trains from data/toxicity and writes lexicon, weights and model card to `out`.

    `progress` hears what is being done, how much of it is done and how much there is. About five minutes on
    one core. OSError when a data file is missing.
    """
    folder = data / "toxicity"
    rows = corpus.read(folder, corpus.TRAINING)
    _mend(rows)
    out.mkdir(parents=True, exist_ok=True)
    lexicon.write(_lexicon(rows), out / LEXICON)
    normaliser = Normaliser(lexicon.read(out / LEXICON))
    kept = _kept(rows)
    used = ~kept & np.array([source != _LEFT_OUT for source in rows.sources])
    fit = _fit(_examples(rows, used, normaliser, progress), progress)
    weights = _ship(fit, rows, kept, normaliser, (out / LEXICON).read_bytes())
    weights.save(out / WEIGHTS)
    return describe(data, out, progress, thresholds)


def describe(data: Path, out: Path, progress: Progress, thresholds: Thresholds) -> Report:
    """Measures the weights in `out` on the validation file and writes their model card, with what the
    thresholds do.
    """
    scorer = Builtin(network.load(out / WEIGHTS), Normaliser(lexicon.read(out / LEXICON)))
    report = measure(scorer, data / "toxicity", progress)
    (out / CARD).write_text(card(report, thresholds), "utf-8")
    return report


def _lexicon(rows: corpus.Rows) -> lexicon.Lexicon:
    at_home = [source in _HOME for source in rows.sources]
    toxic = rows.labels[:, 0] >= 0.5
    elsewhere = (text for text, home in zip(rows.texts, at_home, strict=True) if not home)
    return lexicon.count(compress(rows.texts, at_home), compress(toxic.tolist(), at_home), elsewhere)


def _kept(rows: corpus.Rows) -> NDArray[np.bool_]:
    natural = np.array([source == _NATURAL for source in rows.sources])
    kept: NDArray[np.bool_] = natural & (np.cumsum(natural) % _KEPT == 0)
    return kept


def _mend(rows: corpus.Rows) -> None:
    """Thousands of threats, slurs and the like lost their toxicity bit on the way into one source, and others never
    had one: any kind of toxic is toxic. The natural mix, which has all its bits, stays as it was labelled.
    """
    natural = np.array([source == _NATURAL for source in rows.sources])
    rows.labels[(rows.labels[:, 1:] >= 0.5).any(axis=1) & ~natural, 0] = 1


def _features(texts: Sequence[str], normaliser: Normaliser) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return bags([plain(normaliser(text))[:WINDOW] for text in texts])


def _examples(rows: corpus.Rows, used: NDArray[np.bool_], normaliser: Normaliser, progress: Progress) -> Examples:
    """The rows used, and after them a disguised copy of every second one from home."""
    picked = [int(i) for i in np.flatnonzero(used)]
    copied = [i for i in picked if rows.sources[i] in _HOME][::2]
    progress("disguise", 0, len(copied))
    texts = [rows.texts[i] for i in picked]
    texts += [disguise(rows.texts[i], _LEARNT[n % len(_LEARNT)]) for n, i in enumerate(copied)]
    progress("features", 0, len(texts))
    both = np.array(picked + copied)
    foreign = sorted(set(rows.sources) - set(_HOME))
    sources = np.array([1 + foreign.index(rows.sources[i]) if rows.sources[i] in foreign else 0 for i in both])
    weights = np.array([_WEIGHTS.get(rows.sources[i], _FOREIGN) for i in both], np.float32)
    weights[len(picked) :] *= 0.5
    return Examples(_features(texts, normaliser), rows.labels[both], weights, sources)


def _fit(examples: Examples, progress: Progress) -> Fit:
    fit = Fit(sources=int(examples.sources.max()) + 1)
    for number in range(EPOCHS):
        fit.epoch(examples, number, lambda done, total: progress("fit", done, total))
    return fit


def _ship(
    fit: Fit, rows: corpus.Rows, kept: NDArray[np.bool_], normaliser: Normaliser, words: bytes
) -> network.Weights:
    """The table in whole steps of its largest value, and the calibration of what that gives."""
    scale = np.abs(fit.table).max(axis=1) / 127
    table = np.ascontiguousarray(np.rint(fit.table / scale[:, None]).astype(np.int8).T)
    digest = hashlib.sha256(table.tobytes() + words + b"".join(part.tobytes() for part in fit.head))
    one, zero = np.ones(network.OUTPUTS, np.float32), np.zeros(network.OUTPUTS, np.float32)
    raw = network.Weights(table, scale, fit.head, one, zero, digest.hexdigest()[:12])
    features = _features([rows.texts[i] for i in np.flatnonzero(kept)], normaliser)
    slope, shift = calibration.platt(raw.logits(*features), rows.labels[kept])
    return raw._replace(slope=slope, shift=shift)
