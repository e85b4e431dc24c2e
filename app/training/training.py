"""Trains the built-in scorer from the data folder: the fast model, the slow one, and how the two are blended."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import compress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.toxicity import builtin, lexicon, network
from app.toxicity.builtin import Blend
from app.toxicity.encoder import Encoder
from app.toxicity.features import bags, plain
from app.toxicity.network import Floats
from app.toxicity.normaliser import LEXICON, Normaliser
from app.toxicity.windows import WINDOW_CHARACTERS
from app.training import calibration, corpus, fitting
from app.training.card import card
from app.training.counterfactuals import abused, variants
from app.training.disguises import disguise
from app.training.evaluation import ScorerEvaluation, Thresholds, evaluate

# Those not named are other sites with other ideas of toxic.
_HOME = ("jigsaw14k", "jigsix", "jigsix_lc", corpus.OWN)
# Encyclopaedic sentences that name an identity.
_NEUTRAL = "identity_neutral_wikipedia"
# What one row of each source counts for.
_WEIGHTS = {
    **dict.fromkeys(_HOME, 1.0),
    "wikipedia_20k_perspective_scores": 0.5,
    "davidson": 0.1,
    "hatexplain": 0.1,
}
_FOREIGN_WEIGHT = 0.3
_INVENTED_WEIGHT = 0.4
# The slow model cannot have all in the time there is: the share of each kind that it sees in an epoch.
_SHARES = {"home": 1.0, "foreign": 0.2, "disguised": 0.67, "invented": 0.7}
# All its rows are toxic and about the news: it would teach that politicians and taxes are.
_LEFT_OUT = "civil_spans"
# The only source with the natural mix of clean and toxic: every fourth row of it is kept for calibration.
_NATURAL = "jigsaw14k"
_KEPT_EVERY = 4
# Of these disguises the normaliser takes off the rude words only, or leaves scars, so the models learn the rest.
_LEARNT = ("stars", "swaps", "leet", "spaces", "dots", "repeats")

CARD = "MODEL_CARD.md"

Progress = Callable[[str, int, int], None]


class Examples(NamedTuple):
    """What is trained with. texts are plain, labels NaN where not known; `sources` is 0 for home ground, whose idea of
    toxic is ours; `kinds` are keys of _SHARES."""

    texts: list[str]
    labels: Floats
    weights: Floats
    sources: NDArray[np.int64]
    kinds: list[str]


def train(
    data: Path, out: Path, checkpoints: Path, progress: Progress, thresholds: Thresholds, own: Sequence[Path] = ()
) -> ScorerEvaluation:
    """Trains from data/toxicity and an operator's `own` CSVs, and writes lexicon, weights and model card to `out`.

    `progress` hears what is being done, how much of it is done and how much there is. About five minutes on one core
    for the fast model and one to two hours on two for the slow one, which goes on from `checkpoints` where it was
    broken off. OSError when a data file is missing, ValueError when one of one's own is not such a file, ImportError
    without the extra `train`.
    """
    from app.training import tuning

    rows = corpus.read(data / "toxicity", corpus.TRAINING)
    if own:
        rows = corpus.joined(rows, corpus.own(own, data / "toxicity"))
    _mend(rows)
    out.mkdir(parents=True, exist_ok=True)
    lexicon.write(_lexicon(rows), out / LEXICON)
    normaliser = Normaliser(lexicon.read(out / LEXICON))
    kept = _kept(rows)
    examples = gathered(rows, ~kept, normaliser, progress)
    heard = [plain(normaliser(rows.texts[place])) for place in np.flatnonzero(kept)]

    fast = fast_model(examples, heard, rows.labels[kept], progress)
    fast.save(out / builtin.WEIGHTS)
    shares = np.array([_SHARES[kind] for kind in examples.kinds], np.float32)
    texts = tuning.Texts(examples.texts, examples.labels, examples.weights, examples.sources, shares)
    tuned = tuning.tune(texts, checkpoints, lambda done, total: progress("tune", done, total))
    tuning.export(tuned, out / builtin.MODEL, out / builtin.TOKENIZER)
    _blend(out, fast, heard, rows.labels[kept], progress).save(out / builtin.BLEND)
    return describe(data, out, progress, thresholds)


def describe(data: Path, out: Path, progress: Progress, thresholds: Thresholds) -> ScorerEvaluation:
    """Measures the weights in `out` on the validation file and writes their model card, with what the
    thresholds do.
    """
    evaluation = evaluate(builtin.load(out), data / "toxicity", progress)
    (out / CARD).write_text(card(evaluation, thresholds), "utf-8")
    return evaluation


def invented(rows: corpus.Rows) -> list[str]:
    """Clean texts that are trained with beside the rows: those that name an identity, changed."""
    toxic = rows.labels[:, 0] >= 0.5
    abuse = (text for text, bad, source in zip(rows.texts, toxic, rows.sources, strict=True) if bad and source in _HOME)
    neutral = (text for text, source in zip(rows.texts, rows.sources, strict=True) if source == _NEUTRAL)
    return list(variants(neutral, abused(abuse)))


def _lexicon(rows: corpus.Rows) -> lexicon.Lexicon:
    at_home = [source in _HOME for source in rows.sources]
    toxic = rows.labels[:, 0] >= 0.5
    elsewhere = (text for text, home in zip(rows.texts, at_home, strict=True) if not home)
    return lexicon.count(compress(rows.texts, at_home), compress(toxic.tolist(), at_home), elsewhere)


def _kept(rows: corpus.Rows) -> NDArray[np.bool_]:
    natural = np.array([source == _NATURAL for source in rows.sources])
    kept: NDArray[np.bool_] = natural & (np.cumsum(natural) % _KEPT_EVERY == 0)
    return kept


def _mend(rows: corpus.Rows) -> None:
    """Thousands of threats, slurs and the like lost their toxicity bit on the way into one source, and others never
    had one: any kind of toxic is toxic. The natural mix, which has all its bits, stays as it was labelled.
    """
    natural = np.array([source == _NATURAL for source in rows.sources])
    rows.labels[(rows.labels[:, 1:] >= 0.5).any(axis=1) & ~natural, 0] = 1


def gathered(rows: corpus.Rows, used: NDArray[np.bool_], normaliser: Normaliser, progress: Progress) -> Examples:
    """The rows used, a disguised copy of every second one from home, and clean ones that name an identity."""
    picked = [int(i) for i in np.flatnonzero(used) if rows.sources[i] != _LEFT_OUT]
    copied = [i for i in picked if rows.sources[i] in _HOME][::2]
    more = invented(rows)
    progress("disguise", 0, len(copied))
    texts = [rows.texts[i] for i in picked]
    texts += [disguise(rows.texts[i], _LEARNT[n % len(_LEARNT)]) for n, i in enumerate(copied)]
    progress("normalise", 0, len(texts) + len(more))
    both = picked + copied
    ours = (*_HOME, _NEUTRAL)
    foreign = sorted(set(rows.sources) - set(ours))
    numbers = {source: 1 + place for place, source in enumerate(foreign)}
    weights = [_WEIGHTS.get(rows.sources[i], _FOREIGN_WEIGHT) for i in picked]
    weights += [_WEIGHTS.get(rows.sources[i], _FOREIGN_WEIGHT) * 0.5 for i in copied]
    kinds = ["home" if rows.sources[i] in ours else "foreign" for i in picked] + ["disguised"] * len(copied)
    return Examples(
        [plain(normaliser(text)) for text in texts + more],
        np.concatenate([rows.labels[both], np.zeros((len(more), network.OUTPUTS), np.float32)]),
        np.array(weights + [_INVENTED_WEIGHT] * len(more), np.float32),
        np.array([numbers.get(rows.sources[i], 0) for i in both] + [0] * len(more)),
        kinds + ["invented"] * len(more),
    )


def _features(texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    return bags([text[: 2 * WINDOW_CHARACTERS] for text in texts])


def fast_model(examples: Examples, heard: Sequence[str], labels: Floats, progress: Progress) -> network.Weights:
    """The fast model: its table in whole steps of its largest value, and the calibration of what that gives."""
    known = fitting.Examples(_features(examples.texts), examples.labels, examples.weights, examples.sources)
    fit = fitting.Fit(sources=int(examples.sources.max()) + 1)
    for number in range(fitting.EPOCHS):
        fit.epoch(known, number, lambda done, total: progress("fit", done, total))
    scale = np.abs(fit.table).max(axis=1) / 127
    table = np.ascontiguousarray(np.rint(fit.table / scale[:, None]).astype(np.int8).T)
    one, zero = np.ones(network.OUTPUTS, np.float32), np.zeros(network.OUTPUTS, np.float32)
    raw = network.Weights(table, scale, fit.head, one, zero)
    slope, shift = calibration.platt(raw.logits(*_features(heard)), labels)
    return raw._replace(slope=slope, shift=shift)


def _blend(out: Path, fast: network.Weights, heard: Sequence[str], labels: Floats, progress: Progress) -> Blend:
    """The calibration of the mean of the models in `out`, by the texts kept for that (`heard`)."""
    encoder = Encoder(out / builtin.MODEL, out / builtin.TOKENIZER, builtin.LONGEST_TOKENS)
    slow = list[Floats]()
    firsts = [text[:WINDOW_CHARACTERS] for text in heard]
    for first in range(0, len(heard), builtin.BLOCK_TEXTS):
        progress("blend", first, len(heard))
        slow.append(encoder.logits(firsts[first : first + builtin.BLOCK_TEXTS]))
    mean: Floats = (fast.logits(*bags(firsts)) + np.concatenate(slow)) * np.float32(0.5)
    slope, shift = calibration.platt(mean, labels)
    files = (builtin.WEIGHTS, builtin.MODEL, builtin.TOKENIZER, LEXICON)
    digest = hashlib.sha256(b"".join((out / name).read_bytes() for name in files))
    return Blend(slope, shift, digest.hexdigest()[:12])
