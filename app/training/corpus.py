"""The training and validation rows, read from the data folder. Their texts never leave it."""

import csv
import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.toxicity.features import plain
from app.toxicity.normaliser import FOLDER
from app.toxicity.scorer import ATTRIBUTES
from app.training.likeness import alike

VALIDATION = "jigsaw2018_validation_5912.csv.gz"
MADLIBS = "identity_madlibs_77k.csv.gz"
WIKIPEDIA = "jigsaw2018_train_48k.csv.gz"
TRAINING = (
    WIKIPEDIA,
    "auxiliary_train.csv.gz",
    "wikipedia_20k_perspective_scores.csv.gz",
    "identity_neutral_wikipedia.csv.gz",
)

# Fingerprints of the training texts that are in the validation file too, or nearly so; a test looks for more.
_LEFT_OUT = FOLDER / "left_out.txt"

# share of common runs of words from which two texts count as nearly the same
ALIKE_SHARE = 0.4
# the source of an operator's own rows
OWN = "own"
_KAGGLE = {
    "comment_text": "text",
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
}

Floats = NDArray[np.float32]


class Rows(NamedTuple):
    """Texts, their labels (rows by six, NaN where a source has none) and each row's source."""

    texts: list[str]
    labels: Floats
    sources: list[str]


def data_folder() -> Path | None:
    """$BTL_DATA, else shared/data here or beside the checkout; None when there is none."""
    places = [os.environ["BTL_DATA"]] if "BTL_DATA" in os.environ else ["shared/data", "../shared/data"]
    return next((Path(place) for place in places if Path(place, "toxicity").is_dir()), None)


def fingerprint(text: str) -> str:
    """The same for texts that differ in case, spaces and punctuation alone."""
    return hashlib.sha256(plain(text).encode("utf-8", "replace")).hexdigest()[:16]


def read(folder: Path, names: tuple[str, ...]) -> Rows:
    """The named files' rows in their order, without what training must not see; OSError when one is missing."""
    texts, labels, sources = list[str](), list[list[float]](), list[str]()
    left_out = set(_LEFT_OUT.read_text("ascii").split())
    for name in names:
        for row in _rows(folder / name):
            if name in TRAINING and fingerprint(row["text"]) in left_out:
                continue
            texts.append(row["text"])
            labels.append(_labels(row))
            sources.append(row.get("src") or name.partition(".")[0])
    return Rows(texts, np.array(labels, np.float32), sources)


def own(paths: Sequence[Path], folder: Path) -> Rows:
    """An operator's rows: CSV, plain or .gz, with a column text or comment_text and labels by our names or Kaggle's.

    Left out is what is nearly in the validation file, of which the full Kaggle files are full. ValueError names a file
    that lacks the columns.
    """
    texts, labels = list[str](), list[list[float]]()
    for path in paths:
        for row in _rows(path):
            known = {_KAGGLE.get(name, name): value for name, value in row.items()}
            if "text" not in known or ATTRIBUTES[0] not in known:
                raise ValueError(f"{path}: needs the columns text and {ATTRIBUTES[0]}")
            texts.append(known["text"])
            labels.append(_labels(known))
    near = {place for place, _ in alike(texts, read(folder, (VALIDATION,)).texts, ALIKE_SHARE)}
    kept = [place for place in range(len(texts)) if place not in near]
    rows = np.array([labels[place] for place in kept], np.float32).reshape(-1, len(ATTRIBUTES))
    return Rows([texts[place] for place in kept], rows, [OWN] * len(kept))


def joined(rows: Rows, more: Rows) -> Rows:
    """Both, one after the other."""
    return Rows(rows.texts + more.texts, np.concatenate([rows.labels, more.labels]), rows.sources + more.sources)


def madlibs(folder: Path) -> tuple[list[str], NDArray[np.bool_]]:
    """Template sentences with identity terms, and which of them are abuse."""
    rows = list(_rows(folder / MADLIBS))
    return [row["Text"] for row in rows], np.array([row["Label"] == "BAD" for row in rows])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    # it is the whole process's, in which others read files, too
    before = csv.field_size_limit(1 << 24)
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    finally:
        csv.field_size_limit(before)


def _labels(row: dict[str, str]) -> list[float]:
    if "api" in row:  # another scorer's probability says more than one crowd bit; a row of its own attribute only
        return [float(row["api"])] + [np.nan] * 5
    # A text that is not toxic is none of the kinds of toxic where its source did not ask.
    unknown = 0.0 if row["toxicity"] and float(row["toxicity"]) == 0 else np.nan
    return [float(row[name]) if row.get(name) else unknown for name in ATTRIBUTES]
