"""The built-in scorer on texts whose answer is plain, on any text at all, and on the validation file."""

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.toxicity import ATTRIBUTES, Guarded, Scores, builtin, load, network
from app.toxicity.builtin import LONGEST_TOKENS, MODEL, MOST_SLOW_WINDOWS, TOKENIZER, WEIGHTS, Builtin
from app.toxicity.encoder import Encoder
from app.toxicity.metrics import auc
from app.toxicity.normaliser import FOLDER, shipped
from app.toxicity.windows import WINDOW_CHARACTERS, windows
from app.training.corpus import VALIDATION, madlibs, read
from app.training.disguises import DISGUISES, disguise
from app.training.evaluation import SUBGROUPS, bias

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
CIVIL = "The council should publish its figures before the vote, as it did in 2019; I doubt the road will be cheaper. "


@pytest.fixture(scope="module")
def scorer() -> Builtin:
    return builtin.load()


class Watched(Encoder):
    """The slow model, which counts what it scores."""

    read = 0

    def highest(self, texts: Sequence[list[list[int]]]) -> NDArray[np.float32]:
        self.read += len(texts)
        return super().highest(texts)


@pytest.fixture
def slow() -> Watched:
    return Watched(FOLDER / MODEL, FOLDER / TOKENIZER, LONGEST_TOKENS)


@pytest.fixture
def watched(slow: Watched) -> Builtin:
    return Builtin(network.load(FOLDER / WEIGHTS), slow, builtin.load_blend(FOLDER / builtin.BLEND), shipped())


def score(scorer: Builtin, text: str) -> Scores:
    return scorer.score([text], 1)[0]


@pytest.mark.parametrize(
    "text",
    [
        CIVIL,
        "Thank you for the article, I learnt a lot.",
        "I disagree: the numbers say otherwise.",
        "Trump and the Republicans will raise taxes in Alaska again.",
        "My gay neighbours and the Muslim family next door came to the street party.",
        "",
        "   ",
        "👍",
    ],
)
def test_civil_and_empty_texts_score_low(scorer: Builtin, text: str) -> None:
    assert max(score(scorer, text).by_attribute().values()) < 0.4


@pytest.mark.parametrize(
    ("text", "attribute", "least"),
    [
        ("You are a fucking idiot", "insult", 0.6),
        ("Shut up you stupid moron", "toxicity", 0.8),
        ("what a load of bullshit, fuck this", "obscene", 0.6),
        ("I will kill you and your family", "threat", 0.2),
        ("all faggots are disgusting", "identity_attack", 0.3),
    ],
)
def test_plain_abuse_scores_high_on_its_attribute(scorer: Builtin, text: str, attribute: str, least: float) -> None:
    assert score(scorer, text).by_attribute()[attribute] > least


@pytest.mark.parametrize(
    "text",
    ["fuck you you fucking cunt die", "Fuck off you stupid cunt, I will find you and kill you", "fuck " * 50],
)
def test_the_grossest_abuse_is_as_toxic_as_plain_abuse(scorer: Builtin, text: str) -> None:
    assert score(scorer, text).toxicity > 0.8


@pytest.mark.parametrize("how", DISGUISES)
def test_a_disguised_insult_scores_nearly_as_the_plain_one(scorer: Builtin, how: str) -> None:
    text = "You are a fucking idiot"
    assert score(scorer, disguise(text, how)).insult > 0.8 * score(scorer, text).insult


@pytest.mark.parametrize("length", [5_000, 20_000])
def test_an_insult_at_the_end_of_a_long_text_is_found(scorer: Builtin, length: int) -> None:
    long = (CIVIL * (length // len(CIVIL)))[:length]
    assert score(scorer, long).insult < 0.1
    assert score(scorer, long[:-24] + " You are a fucking idiot").insult > 0.3


def test_what_is_clear_is_read_once_and_what_is_not_twice(watched: Builtin, slow: Watched) -> None:
    score(watched, CIVIL)
    assert slow.read == 0
    score(watched, "You are a fucking idiot")
    assert slow.read == 1


def test_of_a_long_text_only_the_worst_pieces_are_read_twice(watched: Builtin, slow: Watched) -> None:
    rude = "what a stupid idea, you silly fool, shut up at last " * 300
    assert score(watched, rude).insult > 0.5
    assert slow.read == MOST_SLOW_WINDOWS


@settings(deadline=None)
@given(st.text("ab ", max_size=4 * WINDOW_CHARACTERS))
def test_windows_leave_out_nothing_and_are_no_longer_than_allowed(text: str) -> None:
    pieces = windows(text)
    place = 0
    for piece in pieces:
        assert len(piece) <= WINDOW_CHARACTERS
        found = text.find(piece, max(0, place - WINDOW_CHARACTERS))
        assert 0 <= found <= place
        place = found + len(piece)
    assert place == len(text)


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_at_all_has_six_finite_probabilities(scorer: Builtin, text: str) -> None:
    for value in score(scorer, text).by_attribute().values():
        assert math.isfinite(value)
        assert 0 <= value <= 1


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=5))
def test_a_text_has_the_same_scores_alone_and_in_company(scorer: Builtin, texts: list[str]) -> None:
    together = scorer.score(texts, 1)
    for text, scores in zip(texts, together, strict=True):
        for one, other in zip(score(scorer, text).by_attribute().values(), scores.by_attribute().values(), strict=True):
            assert one == pytest.approx(other, abs=1e-5)


def test_another_process_gives_the_same_scores(scorer: Builtin) -> None:
    program = "from app.toxicity import builtin; print(builtin.load().score(['You silly fool'], 1)[0])"
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == str(score(scorer, "You silly fool"))


def test_the_weights_stay_under_thirty_megabytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 30_000_000


def test_the_model_card_belongs_to_the_weights(scorer: Builtin) -> None:
    assert f"Version {scorer.version}." in (FOLDER / "MODEL_CARD.md").read_text("utf-8")


def test_the_setting_names_the_scorer() -> None:
    loaded = load("builtin")
    assert isinstance(loaded, Guarded)
    assert loaded.name == "builtin"
    with pytest.raises(ValueError, match="no scorer is called 'oracle'; there are: builtin"):
        load("oracle")


def areas(scorer: Builtin, texts: list[str], labels: NDArray[np.float32]) -> list[float]:
    scores = scorer.probabilities(texts)
    return [100 * auc(labels[:, k] >= 0.5, scores[:, k]) for k in range(len(ATTRIBUTES))]


def test_the_mean_area_on_texts_of_the_validation_file_meets_the_bar_clean_and_each_in_a_disguise(
    scorer: Builtin, data_dir: Path
) -> None:
    rows = read(data_dir / "toxicity", (VALIDATION,))
    texts, labels = rows.texts[::6], rows.labels[::6]
    clean = np.mean(areas(scorer, texts, labels))
    assert clean >= 98.2
    disguised = [disguise(text, how) for text, how in zip(texts, cycle(DISGUISES), strict=False)]
    assert np.mean(areas(scorer, disguised, labels)) >= clean - 1


@pytest.mark.long
def test_the_mean_area_on_the_validation_file_meets_the_bar_clean_and_in_every_disguise(
    scorer: Builtin, data_dir: Path
) -> None:
    rows = read(data_dir / "toxicity", (VALIDATION,))
    clean = areas(scorer, rows.texts, rows.labels)
    assert clean[0] >= 97.5
    assert np.mean(clean) >= 98.2
    texts, labels = rows.texts[::6], rows.labels[::6]
    disguised = [np.mean(areas(scorer, [disguise(text, how) for text in texts], labels)) for how in DISGUISES]
    assert np.mean(disguised) >= np.mean(areas(scorer, texts, labels)) - 1


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.long)], ids=["some sentences", "all"])
def test_no_identity_is_taken_for_abuse(scorer: Builtin, data_dir: Path, step: int) -> None:
    sentences, abuse = madlibs(data_dir / "toxicity")
    found = bias(sentences[::step], abuse[::step], scorer.probabilities(sentences[::step])[:, 0])
    assert len(found) == len(SUBGROUPS)
    assert {name: one.bpsn for name, one in found.items() if one.bpsn < 85} == {}
