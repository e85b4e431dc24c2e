"""What deceives or defaces is taken out of a text; what a script needs stays."""

import pytest

from app.text.characters import MOST_MARKS, honest

ACUTE, GRAVE, JOINER = "\u0301", "\u0300", "\u200d"


@pytest.mark.parametrize("mark", [ACUTE, "\u0e47", "\u0610", "\u20dd", "\u0f90"])
def test_a_letter_carries_so_many_marks_and_no_more(mark: str) -> None:
    assert honest(f"H{mark * 120}ello") == f"H{mark * MOST_MARKS}ello"


def test_marks_are_counted_through_what_joins_them() -> None:
    assert honest("H" + (ACUTE + JOINER) * 50).count(ACUTE) == MOST_MARKS


def test_each_letter_has_its_own() -> None:
    typed = ("e" + ACUTE * 3 + GRAVE * 3) * 5
    assert honest(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "שָׁ֑לוֹם",  # Hebrew with vowels and cantillation
        "རྒྱུད་",  # Tibetan
        "हिन्दी में",
        "ก็ดี",
        "Việt Nam",
        "❤️‍🔥👩🏽‍🚀🏳️‍🌈🇫🇷1️⃣",
        "∮⇒≠…—“”«»¡¿",
    ],
)
def test_what_is_written_somewhere_stays_as_it_is(typed: str) -> None:
    assert honest(typed) == typed
