"""The passages of a text, each with its own scores, at offsets of the text as it was given."""

from itertools import pairwise

import pytest

from app.toxicity import builtin
from app.toxicity.passages import MOST_PASSAGES, by_passage, passages
from app.toxicity.scorer import Unavailable
from tests.support.endless import stopped_if_endless
from tests.support.scorers import Marked, Silent


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n\t ", []),
        ("One", ["One"]),
        ("one!two is one.word", ["one!two is one.word"]),
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("  One.   Two.  ", ["One.", "Two."]),
        ("What?! No way... Yes", ["What?!", "No way...", "Yes"]),
        ('He said "no." Then he left. (Truly.) Bye.', ['He said "no."', "Then he left.", "(Truly.)", "Bye."]),
        ("**Bold.** Plain.", ["**Bold.**", "Plain."]),
        ("one line\nanother\r\n\r\na third\u2028a fourth", ["one line", "another", "a third", "a fourth"]),
        ("一。二\uff01三", ["一。", "二\uff01", "三"]),
        ("क्या। हाँ।", ["क्या।", "हाँ।"]),
        ("Mr. Smith paid 3.50. See example.org.", ["Mr. Smith paid 3.50.", "See example.org."]),
        ("i. d. i. o. t. you are", ["i. d. i. o. t. you are"]),
        ("😀 Fine. 👨‍👩‍👧 Also fine!", ["😀 Fine.", "👨‍👩‍👧 Also fine!"]),
        ("\ud800 broken. \udfff too", ["\ud800 broken.", "\udfff too"]),
    ],
)
def test_passages_end_where_a_reader_would_end_them(text: str, found: list[str]) -> None:
    assert [text[begin:end] for begin, end in passages(text)] == found


def test_each_passage_has_the_scores_of_what_stands_there() -> None:
    text = "Good morning. [insult=0.9] you. [threat=0.7]"
    found = by_passage(Marked(), text, 1.0)
    assert not isinstance(found, Unavailable)
    assert [(text[passage.begin : passage.end], passage.scores.insult, passage.scores.threat) for passage in found] == [
        ("Good morning.", 0.01, 0.01),
        ("[insult=0.9] you.", 0.9, 0.01),
        ("[threat=0.7]", 0.01, 0.7),
    ]


def test_a_text_without_words_has_no_passage() -> None:
    assert by_passage(Marked(), " \n ", 1.0) == []


def test_passages_are_unavailable_when_the_scorer_is() -> None:
    assert isinstance(by_passage(Silent(), "One. Two.", 1.0), Unavailable)


@pytest.mark.parametrize("number", [MOST_PASSAGES, MOST_PASSAGES + 1, 7 * MOST_PASSAGES + 3])
def test_a_long_text_has_no_more_passages_and_loses_none(number: int) -> None:
    text = " ".join(f"Sentence {i} stands here." for i in range(number))
    found = passages(text)
    assert len(found) <= MOST_PASSAGES
    assert (found[0][0], found[-1][1]) == (0, len(text))
    assert all(end + 1 == begin for (_, end), (begin, _) in pairwise(found))


@pytest.mark.parametrize(("unit", "end"), [(".a", ""), ("!", "a"), ('."', ""), (". ", ""), ("\n", "")])
def test_passages_are_found_in_one_go(unit: str, end: str) -> None:
    text = unit * (1_000_000 // len(unit)) + end
    with stopped_if_endless():
        assert len(passages(text)) <= MOST_PASSAGES


def test_a_disguised_insult_is_scored_where_it_stands() -> None:
    text = "I liked the concert. You are an i.d.i.o.t and a m0r0n! See you\ntomorrow."
    found = by_passage(builtin.load(), text, 1.0)
    assert not isinstance(found, Unavailable)
    worst = max(found, key=lambda passage: passage.scores.insult)
    assert text[worst.begin : worst.end] == "You are an i.d.i.o.t and a m0r0n!"
    assert worst.scores.insult > 0.5 > max(passage.scores.insult for passage in found if passage is not worst)
