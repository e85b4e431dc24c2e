"""The training program: figures, calibration, and what it must never read."""

import csv
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.toxicity import corpus, training
from app.toxicity.calibration import platt
from app.toxicity.features import plain
from app.toxicity.metrics import auc, calibration_error
from app.toxicity.scorer import ATTRIBUTES

RUDE = ("you are an idiot", "what a stupid fool you are", "shut up you moron")
CIVIL = ("thank you for the article", "the council votes on monday", "see the talk page of the bridge")


def write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of the real shape with a few sentences written for it."""
    folder = tmp_path / "data" / "toxicity"
    folder.mkdir(parents=True)
    labelled = ["text", "src", *ATTRIBUTES]
    rows = [[text, "jigsaw14k", 1, 0, 0, 0, 1, 0] for text in RUDE * 40]
    rows += [[text, "jigsaw14k", 0, 0, 0, 0, 0, 0] for text in CIVIL * 80]
    write(folder / corpus.WIKIPEDIA, labelled, rows)
    write(folder / "auxiliary_train.csv.gz", labelled, [["what an idiot", "surge", 1, "", "", "", "", ""]] * 6)
    write(folder / "wikipedia_20k_perspective_scores.csv.gz", ["text", "label", "api"], [["a fool", 1, 0.8]])
    write(folder / "identity_neutral_wikipedia.csv.gz", ["text", "toxicity"], [["a gay village", 0]])
    write(folder / corpus.VALIDATION, ["text", *ATTRIBUTES], [[RUDE[0], 1, 1, 1, 1, 1, 1], [CIVIL[0]] + [0] * 6])
    write(folder / corpus.MADLIBS, ["Text", "Label"], [["you idiot", "BAD"], ["thank you", "NOT_BAD"]])
    return tmp_path / "data"


def quiet(what: str, done: int, total: int) -> None:
    pass


def test_the_same_data_gives_the_same_bytes_and_a_card(data: Path, tmp_path: Path) -> None:
    first = training.train(data, tmp_path / "one", quiet, {})
    training.train(data, tmp_path / "two", quiet, {})
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["MODEL_CARD.md", "builtin.npz", "lexicon.txt"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert first.by_attribute["insult"] == 100


def test_neither_validation_nor_madlibs_are_open_while_training(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "toxicity" / corpus.VALIDATION).unlink()
    (data / "toxicity" / corpus.MADLIBS).unlink()
    with pytest.raises(FileNotFoundError, match=corpus.VALIDATION):
        training.train(data, tmp_path / "out", quiet, {})
    assert (tmp_path / "out" / "builtin.npz").exists()


def test_no_training_text_is_in_the_validation_file_or_the_madlibs(data_dir: Path) -> None:
    folder = data_dir / "toxicity"
    kept_out = {plain(text) for text in corpus.read(folder, (corpus.VALIDATION,)).texts}
    kept_out |= {plain(text) for text in corpus.madlibs(folder)[0]}
    assert kept_out.isdisjoint(plain(text) for text in corpus.read(folder, corpus.TRAINING).texts)


def test_the_area_under_the_curve_counts_ties_half() -> None:
    positive = np.array([True, True, False, False])
    assert auc(positive, np.array([0.9, 0.8, 0.2, 0.1])) == 1
    assert auc(positive, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5
    assert auc(positive, np.array([0.9, 0.3, 0.3, 0.1])) == 0.875
    assert np.isnan(auc(np.array([True]), np.array([0.5])))


def test_calibration_brings_overconfident_logits_back() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(-1, 2, (20_000, 6)).astype(np.float32)
    labels = (random.random(truth.shape) < 1 / (1 + np.exp(-truth))).astype(np.float32)
    slope, shift = platt(3 * truth + 2, labels)
    assert slope == pytest.approx(np.full(6, 1 / 3), rel=0.1)
    for k in range(6):
        line = 1 / (1 + np.exp(-((3 * truth[:, k] + 2) * slope[k] + shift[k])))
        assert calibration_error(labels[:, k] > 0, line) < 0.02
