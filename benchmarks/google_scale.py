"""Finds the points of app.perspective.scale on one half of the comments of which Google's score is known, and says of
the other half how many of Google's flags the scale gives. Run: python -m benchmarks.google_scale [--write]

A half is chosen by a digest of the text, so it is the same each time. With --write the points become those of the
program; without, those are reported that it has.
"""

import csv
import gzip
import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.perspective import scale
from app.perspective.scale import Scale
from app.toxicity import builtin
from app.toxicity.builtin import Builtin
from app.toxicity.scorer import known_as
from app.training import corpus

COMMENTS = "wikipedia_20k_perspective_scores.csv.gz"
STEPS = 20
THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9)


class Half(NamedTuple):
    """Comments with Google's TOXICITY and our toxicity."""

    googles: NDArray[np.float64]
    ours: NDArray[np.float64]


class Flagged(NamedTuple):
    """How many comments reach a threshold: by Google's score, by ours on its scale, by both, by ours as it is."""

    googles: int
    scaled: int
    both: int
    plain: int


def main(arguments: list[str]) -> None:
    """Fit, print and, with --write, keep."""
    folder, scorer = corpus.data_folder(), builtin.load()
    if folder is None:
        raise SystemExit("There is no folder with data: set BTL_DATA.")
    if "--write" in arguments:
        found = fitted(half(folder, scorer, reported=False), known_as(scorer))
        scale.FILE.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    else:
        found = scale.GOOGLES
    print(f"{found.scorer}\n{'ours':>8}{'Google':>8}")
    for ours, googles in zip(found.ours, found.googles, strict=True):
        print(f"{ours:8.4f}{googles:8.2f}")
    report(half(folder, scorer, reported=True), found)


def half(folder: Path, scorer: Builtin, *, reported: bool) -> Half:
    """The half to fit on, or the one to report on, scored."""
    with gzip.open(folder / "toxicity" / COMMENTS, "rt", encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if is_reported(row["text"]) == reported]
    ours = scorer.probabilities([row["text"] for row in rows])[:, 0]
    return Half(np.array([float(row["api"]) for row in rows]), ours)


def is_reported(text: str) -> bool:
    """Whether a text belongs to the half on which is reported."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


def fitted(on: Half, scorer: str) -> Scale:
    """At each of Google's scores, ours that as many comments reach."""
    googles = [step / STEPS for step in range(STEPS + 1)]
    below = [float((on.googles < each).mean()) for each in googles[1:-1]]
    ours = np.quantile(on.ours, below).round(4).tolist()
    return Scale(scorer, [0.0, *ours, 1.0], googles)


def flagged(on: Half, found: Scale, threshold: float) -> Flagged:
    """Who reaches `threshold`, by whom."""
    scaled = np.array([found.of(each) for each in on.ours]) >= threshold
    googles = on.googles >= threshold
    return Flagged(*(int(each.sum()) for each in (googles, scaled, googles & scaled, on.ours >= threshold)))


def report(on: Half, found: Scale) -> None:
    """Print how the scale does at Google's thresholds."""
    print(f"\n{len(on.ours)} comments apart\n{'':9}{'Google':>8}{'scaled':>8}{'ratio':>8}{'both':>8}{'plain':>8}")
    for threshold in THRESHOLDS:
        seen = flagged(on, found, threshold)
        ratio = seen.scaled / seen.googles
        print(f"at {threshold:<6.2f}{seen.googles:8}{seen.scaled:8}{ratio:8.2f}{seen.both:8}{seen.plain:8}")


if __name__ == "__main__":
    main(sys.argv[1:])
