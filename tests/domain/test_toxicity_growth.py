"""What a text of legal length costs grows with its length and no faster, whatever it is made of. Work is counted."""

import unicodedata
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.perspective.texts import MOST_BYTES, seen
from app.toxicity import builtin, growth, network
from app.toxicity.builtin import LONGEST_TOKENS, MODEL, MOST_READINGS, TOKENIZER, WEIGHTS, Builtin
from app.toxicity.encoder import Encoder
from app.toxicity.features import plain
from app.toxicity.growth import LONGEST_LETTERS, MOST_MARKS, MOST_PHRASES
from app.toxicity.normaliser import FOLDER, shipped
from app.toxicity.passages import MOST_PASSAGES, by_passage, passages
from app.toxicity.windows import windows
from app.training.corpus import VALIDATION, read
from tests.support.endless import stopped_if_endless
from tests.support.slow_texts import KINDS, repeated

# of a comment, and four times as long
SHORT, LONG = 5_000, 20_000
LONGEST_PHRASE = 18
by_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


class Counted(Encoder):
    """The slow model, which counts how often it reads."""

    readings = 0

    def _window(self, ids: list[int]) -> NDArray[np.float32]:
        self.readings += 1
        return super()._window(ids)


@pytest.fixture(scope="module")
def slow() -> Counted:
    return Counted(FOLDER / MODEL, FOLDER / TOKENIZER, LONGEST_TOKENS)


@pytest.fixture(scope="module")
def scorer(slow: Counted) -> Builtin:
    return Builtin(network.load(FOLDER / WEIGHTS), slow, builtin.load_blend(FOLDER / builtin.BLEND), shipped())


def heaps(text: str) -> list[int]:
    """How many marks stand together."""
    return [len(list(run)) for marked, run in groupby(text, lambda each: unicodedata.combining(each) > 0) if marked]


@by_kind
def test_the_letters_that_come_of_a_text_grow_as_it_does(make: Any) -> None:
    for length in (SHORT, LONG):
        bounded = growth.bounded(make(length))
        most = LONGEST_LETTERS * length + MOST_PHRASES * LONGEST_PHRASE
        assert max(len(unicodedata.normalize("NFKC", bounded)), len(shipped()(make(length)))) <= most
        # what is heaped is put in order by comparing each with each
        assert max(heaps(bounded), default=0) <= MOST_MARKS
    assert len(windows(plain(shipped()(make(LONG))))) <= 5 * len(windows(plain(shipped()(make(SHORT))))) + 5


@by_kind
def test_the_readings_of_a_text_are_so_many_and_no_more(scorer: Builtin, slow: Counted, make: Any) -> None:
    for length in (SHORT // 5, LONG):
        before = slow.readings
        scorer.score([make(length)], 1)
        assert slow.readings - before <= MOST_READINGS


@pytest.mark.parametrize("kind", ["an insult a line", "sentences", "han", "rude words amid han"])
def test_the_readings_of_all_its_passages_grow_as_a_text_does(scorer: Builtin, slow: Counted, kind: str) -> None:
    def readings(most: int) -> int:
        before = slow.readings
        text = KINDS[kind](most).encode()[:most].decode(errors="ignore")
        assert len(passages(text)) <= MOST_PASSAGES
        by_passage(scorer, text, 1)
        return slow.readings - before

    assert readings(MOST_BYTES) <= 5 * readings(MOST_BYTES // 4) + MOST_PASSAGES


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_is_bounded_once_is_bounded(text: str) -> None:
    assert growth.bounded(growth.bounded(text)) == growth.bounded(text)


@pytest.mark.parametrize(
    "text",
    [
        "ﷺ " * MOST_PHRASES,
        "Réunion, naïve, Tiếng Việt, e\u0301t\u00e9, ﬁne, ㎏, Ⅷ",
        "a" + "\u0301" * MOST_MARKS,
        "שָׁלוֹם עֲלֵיכֶם, السَّلَامُ عَلَيْكُمْ, สวัสดี, नमस्ते, བོད་སྐད",
    ],
)
def test_what_is_written_in_earnest_stays_as_it_is(text: str) -> None:
    assert growth.bounded(text) == text


def test_no_heap_and_no_phrase_hides_what_stands_behind_it() -> None:
    assert "idiot" in shipped()("\ufdfa" * 1000 + " 1d10t")
    assert "idiot" in shipped()("".join(letter + "\u0301\u0316" * 50 for letter in "idiot"))


def test_no_text_of_the_validation_file_has_another_score_for_it(data_dir: Path, slow: Counted) -> None:
    """Each is left as it is, and what is unclear of it is within the readings: so all is scored that was before."""
    for text in read(data_dir / "toxicity", (VALIDATION,)).texts[::6]:
        assert growth.bounded(text) == text
        worst = sorted((len(slow.windows(each)) for each in windows(plain(shipped()(text)))), reverse=True)
        assert sum(worst[: builtin.MOST_SLOW_WINDOWS]) <= MOST_READINGS


@pytest.mark.parametrize("unit", ["<!--", "<a", "&a<!--", "<script>", "</script", "<!<!--", "&", "<style></style"])
def test_the_html_of_a_text_is_read_in_one_go(unit: str) -> None:
    with stopped_if_endless():
        assert len(seen(repeated(unit)(1_000_000)).origins) > 0
