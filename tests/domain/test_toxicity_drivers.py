"""What drove a score: the words that stand there, for any scorer."""

import time
from collections.abc import Sequence

import pytest

from app.toxicity import builtin
from app.toxicity.drivers import MOST_NAMED, MOST_PIECES, MOST_SUSPECTS, drivers
from app.toxicity.scorer import Scores, Unavailable
from tests.support.scorers import Marked, Silent


class Listening:
    """Has an opinion on words, and counts what it is asked; each text takes it `seconds`."""

    name = "listening"
    version = "1"
    languages = frozenset({"en"})

    def __init__(self, *rude: str, seconds: float = 0.0) -> None:
        self.rude = rude
        self.seconds = seconds
        self.batches: list[int] = []

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores]:
        self.batches.append(len(texts))
        time.sleep(self.seconds * len(texts))
        return [self._score(text.lower()) for text in texts]

    def _score(self, text: str) -> Scores:
        insult = 0.95 if any(all(word in text for word in words.split()) for words in self.rude) else 0.02
        return Scores(0.02, 0.02, 0.02, 0.02, insult, 0.02)


def _named(text: str, scorer: Listening) -> list[str]:
    found = drivers(scorer, text, "insult", 10.0)
    assert not isinstance(found, Unavailable)
    return [text[driver.begin : driver.end] for driver in found]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I liked the concert. You are an idiot! See you tomorrow.", ["idiot"]),
        ("You are an i d i o t and a m0r0n, honestly.", ["i d i o t", "m0r0n"]),
        ("What an i.d.i.o.t. he is", ["i.d.i.o.t"]),
        ("He is what I call an “idiooooot”, and an \u0456d\u0456\u043et", ["idiooooot", "\u0456d\u0456\u043et"]),
        ("😀😀 you are an idiot 😀", ["idiot"]),
        ("\ud800 you are an idiot \udfff", ["idiot"]),
        ("The council met on Tuesday. " * 150 + "What an idiot you are.", ["idiot"]),
    ],
)
def test_the_shipped_scorer_names_an_insult_as_it_stands_there(text: str, words: list[str]) -> None:
    found = drivers(builtin.load(), text, "insult", 10.0)
    assert isinstance(found, list)
    named = [text[driver.begin : driver.end] for driver in found]
    for word in words:
        assert any(word in name for name in named), named
    assert sum(map(len, named)) < 40


def test_the_strongest_comes_first_and_calm_words_are_not_named() -> None:
    assert _named("You are a fool, my friend.", Listening("fool")) == ["fool"]


def test_two_insults_side_by_side_are_both_named_although_either_is_enough() -> None:
    assert sorted(_named("What a fool and idiot you are.", Listening("fool", "idiot"))) == ["fool", "idiot"]


def test_what_only_two_words_together_say_is_named_by_both() -> None:
    text = "People like you belong in a zoo."
    assert sorted(_named(text, Listening("you zoo"))) == ["you", "zoo"]


def test_neighbours_are_named_as_one() -> None:
    assert _named("Oh shut up now.", Listening("shut up")) == ["shut up"]


def test_where_no_word_stands_out_the_worst_passage_is_named() -> None:
    text = "Fine weather. Nothing to see."
    assert _named(text, Listening()) == ["Fine weather."]


def test_a_text_of_nothing_has_no_drivers() -> None:
    assert drivers(Marked(), " \n ", "insult", 1.0) == []


def test_drivers_are_unavailable_when_the_scorer_is() -> None:
    assert isinstance(drivers(Silent(), "You fool.", "insult", 1.0), Unavailable)


def test_a_long_text_costs_two_batches_of_bounded_size_and_names_a_few() -> None:
    scorer = Listening("fool")
    text = "A fool is he who says that a fool never knows what a fool he is, and so on. " * 200
    assert 0 < len(_named(text, scorer)) <= MOST_NAMED
    assert len(scorer.batches) == 2
    assert scorer.batches[1] <= 1 + 2 * MOST_PIECES * MOST_SUSPECTS


def test_a_slow_scorer_is_not_asked_for_what_it_cannot_do_in_time() -> None:
    scorer = Listening("fool", seconds=0.1)
    text = "You are such a fool and you know it very well indeed."
    found = drivers(scorer, text, "insult", 0.3)
    assert isinstance(found, list)
    assert [text[driver.begin : driver.end] for driver in found] == [text]
    assert scorer.batches == [1]
