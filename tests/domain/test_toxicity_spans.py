"""The spans of a text: its sentences, each with its own scores, at offsets of the text as it was given."""

from itertools import pairwise

import pytest

from app.toxicity import builtin
from app.toxicity.scorer import Unavailable
from app.toxicity.spans import MOST, by_sentence, sentences
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
def test_sentences_end_where_a_reader_would_end_them(text: str, found: list[str]) -> None:
    assert [text[begin:end] for begin, end in sentences(text)] == found


def test_each_sentence_has_the_scores_of_what_stands_there() -> None:
    text = "Good morning. [insult=0.9] you. [threat=0.7]"
    spans = by_sentence(Marked(), text, 1.0)
    assert not isinstance(spans, Unavailable)
    assert [(text[span.begin : span.end], span.scores.insult, span.scores.threat) for span in spans] == [
        ("Good morning.", 0.01, 0.01),
        ("[insult=0.9] you.", 0.9, 0.01),
        ("[threat=0.7]", 0.01, 0.7),
    ]


def test_a_text_without_a_sentence_has_no_span() -> None:
    assert by_sentence(Marked(), " \n ", 1.0) == []


def test_spans_are_unavailable_when_the_scorer_is() -> None:
    assert isinstance(by_sentence(Silent(), "One. Two.", 1.0), Unavailable)


@pytest.mark.parametrize("number", [MOST, MOST + 1, 7 * MOST + 3])
def test_a_long_text_has_no_more_spans_and_loses_no_sentence(number: int) -> None:
    text = " ".join(f"Sentence {i} stands here." for i in range(number))
    spans = sentences(text)
    assert len(spans) <= MOST
    assert (spans[0][0], spans[-1][1]) == (0, len(text))
    assert all(end + 1 == begin for (_, end), (begin, _) in pairwise(spans))


@pytest.mark.parametrize(("unit", "end"), [(".a", ""), ("!", "a"), ('."', ""), (". ", ""), ("\n", "")])
def test_sentences_are_found_in_one_go(unit: str, end: str) -> None:
    text = unit * (1_000_000 // len(unit)) + end
    with stopped_if_endless():
        assert len(sentences(text)) <= MOST


def test_a_disguised_insult_is_scored_where_it_stands() -> None:
    text = "I liked the concert. You are an i.d.i.o.t and a m0r0n! See you\ntomorrow."
    spans = by_sentence(builtin.load(), text, 1.0)
    assert not isinstance(spans, Unavailable)
    worst = max(spans, key=lambda span: span.scores.insult)
    assert text[worst.begin : worst.end] == "You are an i.d.i.o.t and a m0r0n!"
    assert worst.scores.insult > 0.5 > max(span.scores.insult for span in spans if span is not worst)
