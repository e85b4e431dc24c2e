"""What a text must be to be a comment."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Malformed
from app.text import cleaning

LIMIT = 5000


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "nothing"),
        (" \t\r\n ", "white space"),
        ("\u3000\u00a0\u2003", "wide spaces"),
        ("\u200b\u200d\u2060\ufeff", "zero-width characters"),
        ("\u202e\u2066\u2069", "direction controls"),
        ("\x00\x01\x1f", "control characters"),
        ("\u3164\uffa0\u2800", "letters that are blank"),
        ("\u0301\u0302", "accents on nothing"),
        ("> \n> ", "a quote of nothing"),
    ],
)
def test_what_nobody_could_see_is_refused_as_empty(typed: str, why: str) -> None:
    with pytest.raises(Malformed) as refusal:
        cleaning.comment(typed, LIMIT)
    assert (refusal.value.status, refusal.value.code, refusal.value.field) == (422, "empty", "text"), why


def test_the_limit_counts_characters_and_is_named() -> None:
    assert cleaning.comment("é" * LIMIT, LIMIT) == "é" * LIMIT
    with pytest.raises(Malformed) as refusal:
        cleaning.comment("é" * (LIMIT + 1), LIMIT)
    assert (refusal.value.code, refusal.value.field, refusal.value.extra) == (
        "too_long",
        "text",
        {"limit": LIMIT, "length": LIMIT + 1},
    )
    assert "5000" in refusal.value.detail()


def test_lone_surrogates_are_not_text() -> None:
    with pytest.raises(Malformed) as refusal:
        cleaning.comment("a\ud800b", LIMIT)
    assert refusal.value.code == "not_text"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  a thought \n", "a thought"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("one\n\n\n \n\ntwo", "one\n\ntwo"),
        ("nul\x00 bell\x07 tab\t.", "nul bell tab\t."),
        ("in\u200bvis\u2060ib\ufeffle", "invisible"),
        ("right\u202eto\u202c left\u2067.\u2069", "rightto left."),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("می‌خواهم", "می‌خواهم"),
        (
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
            "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        ),
    ],
)
def test_what_is_stored_hides_nothing(typed: str, stored: str) -> None:
    assert cleaning.clean(typed, LIMIT) == stored


@given(st.text(max_size=200))
def test_a_text_is_refused_or_clean_for_good(text: str) -> None:
    try:
        stored = cleaning.comment(text, LIMIT)
    except Malformed:
        return
    assert cleaning.clean(stored, LIMIT) == stored
    assert all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") for c in stored)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Buy  now!", "buy now!"),
        ("Buy now!", "B\u200duy\u00a0now! "),
        ("Buy now!", "Ｂｕｙ now!"),
        ("straße", "STRASSE"),
    ],
)
def test_texts_that_read_alike_have_one_digest(one: str, other: str) -> None:
    assert cleaning.digest(one) == cleaning.digest(other)


def test_other_texts_have_other_digests() -> None:
    assert cleaning.digest("I agree") != cleaning.digest("I disagree")
