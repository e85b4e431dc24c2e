"""Which languages a text is in: told for sure or not at all, of any text whatever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.toxicity import languages, normaliser

READS = frozenset({"en"})
GERMAN = "Die Katze sitzt auf der Matte und schaut aus dem Fenster, während es draußen regnet."
ENGLISH = "The council has decided that the harbour plan goes ahead."

TABLE = [
    ("English", ENGLISH, {"en"}),
    ("a short threat", "I will kill you.", {"en"}),
    ("Scots", "Ye're a pure daft eejit so ye are, awa an bile yer heid", {"sco"}),
    ("Gaelic", "Tha am plana seo math airson a' bhaile, tha mi a' smaoineachadh", {"gd"}),
    ("German", GERMAN, {"de"}),
    ("Greek", "Καλημέρα σας, τι κάνετε σήμερα στο λιμάνι", {"el"}),
    ("Russian", "Привет, как дела у вас сегодня? Я думаю, что всё хорошо", {"ru"}),
    ("both are found of a text in two", f"Half of it is in English, and I mean it. {ENGLISH} {GERMAN}", {"en", "de"}),
    ("one word is too little", "idiot", set()),
    ("signs are no language", "!!! ... ?", set()),
    ("nothing is no language", "", set()),
    ("English in Greek letters only looks foreign", "Ι ωιll κιll γου αll", {"en"}),
    ("English in Cyrillic letters only looks foreign", "Yоu аre а stuрid idiоt аnd I will find yоu", {"en"}),
    ("English with zero-width signs is English", "I w\u200bill f\u200bind y\u200bou and k\u200bill you", {"en"}),
    ("German in disguise stays German", "ich werde d1ch f1nden, du 1d10t, und deine ganze Familie auch", {"de"}),
    ("what looks like HTML is text", f'<html lang="de">{ENGLISH}', {"en"}),
    ("control characters are looked through", f"\x00\x01{ENGLISH}\x7f\x9f\ufffe", {"en"}),
    ("lone surrogates are looked through", f"\ud800{ENGLISH}\udfff", {"en"}),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_languages_are_those_of_the_table(text: str, expected: set[str]) -> None:
    assert set(languages.found(text, READS)) == expected


def test_a_foreign_sentence_beside_an_insult_is_seen() -> None:
    assert "de" in languages.found(f"You stupid idiot. {GERMAN}", READS)
    assert "de" in languages.found(f"{GERMAN} You stupid idiot.", READS)


def test_who_reads_it_too_finds_nothing_foreign() -> None:
    assert languages.found(GERMAN, frozenset({"en", "de"})) == ("de",)


@given(st.text(st.characters(), max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    assert all(code.isascii() for code in languages.found(text, READS))


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"]), max_size=200))
def test_what_is_no_letter_is_no_language(text: str) -> None:
    assert languages.found(text, READS) == ()


@pytest.mark.parametrize("piece", ["\u200b", "\ufdfa", "\ud800", "é", "我", "<", "\U0010ffff", "a b "])
def test_of_a_text_of_any_length_only_the_beginning_is_read(monkeypatch: pytest.MonkeyPatch, piece: str) -> None:
    read: list[str] = []

    def listening(text: str) -> str:
        read.append(text)
        return text

    monkeypatch.setattr(normaliser, "shipped", lambda: listening)
    languages.found(piece * 50_000)
    assert [len(text) for text in read] == [languages.MOST_CHARACTERS]


def test_without_a_detector_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "pycld2", None)
    assert languages.found(GERMAN, READS) == ()
    assert not languages.is_available()
