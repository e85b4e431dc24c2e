"""The training and validation rows, read from the data folder. Their texts never leave it."""

import csv
import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.toxicity.scorer import ATTRIBUTES

VALIDATION = "jigsaw2018_validation_5912.csv.gz"
MADLIBS = "identity_madlibs_77k.csv.gz"
WIKIPEDIA = "jigsaw2018_train_48k.csv.gz"
TRAINING = (
    WIKIPEDIA,
    "auxiliary_train.csv.gz",
    "wikipedia_20k_perspective_scores.csv.gz",
    "identity_neutral_wikipedia.csv.gz",
)

# The one training row whose text is in the validation file too; a test looks for more.
_ALSO_IN_VALIDATION = {"460840758.24162.24162"}

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


def read(folder: Path, names: tuple[str, ...]) -> Rows:
    """The named files' rows in their order; OSError when one is missing."""
    texts, labels, sources = list[str](), list[list[float]](), list[str]()
    for name in names:
        for row in _rows(folder / name):
            if row.get("id") in _ALSO_IN_VALIDATION:
                continue
            texts.append(row["text"])
            labels.append(_labels(row))
            sources.append(row.get("src") or name.partition(".")[0])
    return Rows(texts, np.array(labels, np.float32), sources)


def madlibs(folder: Path) -> tuple[list[str], NDArray[np.bool_]]:
    """Template sentences with identity terms, and which of them are abuse."""
    rows = list(_rows(folder / MADLIBS))
    return [row["Text"] for row in rows], np.array([row["Label"] == "BAD" for row in rows])


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(1 << 24)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _labels(row: dict[str, str]) -> list[float]:
    if "api" in row:  # another scorer's probability says more than one crowd bit; a row of its own attribute only
        return [float(row["api"])] + [np.nan] * 5
    # A text that is not toxic is none of the kinds of toxic where its source did not ask.
    unknown = 0.0 if row["toxicity"] and float(row["toxicity"]) == 0 else np.nan
    return [float(row[name]) if row.get(name) else unknown for name in ATTRIBUTES]
