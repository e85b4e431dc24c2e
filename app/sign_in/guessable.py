"""Passwords that others would think of: frequent ones, patterns of the keyboard, and what is known of their owner."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

# where a frequent password, a word of the owner's or a pattern is taken away, so much must be left to guess
FEWEST_LEFT = 5
SHORTEST_WORD = 4
ROWS = (
    *("1234567890", "!@#$%^&*()", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop"),
    *("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)
_NEXT_KEYS = {pair for row in ROWS for keys in (row, row[::-1]) for pair in pairwise(keys)}
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SEPARATORS = re.compile(r"[\W_]+")
_LOOKALIKES = str.maketrans("@4301!5$7", "aaeolisst")
_FILE = Path(__file__).parent / "frequent_passwords.txt"


def is_guessable(password: str, known: Iterable[str]) -> bool:
    """Whether somebody would soon guess `password` who has a list of frequent ones, and whose owner's name and
    address and the paper's names are `known`."""
    text = _folded(password)
    once = _once(text)
    bare = _ENDS.sub("", once)
    if {text, once, bare, bare.translate(_LOOKALIKES)} & _frequent() or _parts(once) < FEWEST_LEFT:
        return True
    letters = _SEPARATORS.sub("", text)
    left = _without(letters, known)
    return left != letters and _parts(left) < FEWEST_LEFT


def _once(text: str) -> str:
    """What `text` repeats from its beginning to its end, if it repeats anything; otherwise all of it."""
    for period in range(1, len(text) // 2 + 1):
        if text[period:] == text[:-period]:
            return text[:period]
    return text


def _parts(text: str) -> int:
    """How many choices there are in `text`: a character repeated, or keys or letters in a row, are one."""
    parts, direction = min(len(text), 1), 0
    for before, after in pairwise(text):
        step = ord(after) - ord(before)
        if step and (before, after) in _NEXT_KEYS and abs(step) != 1:
            continue
        if abs(step) > 1 or step * direction < 0:
            parts, direction = parts + 1, 0
        else:
            direction = step or direction
    return parts


def _without(text: str, known: Iterable[str]) -> str:
    """`text` without what is known, whole or word by word."""
    folded = [_folded(each) for each in known]
    words = {_SEPARATORS.sub("", each) for each in folded} | {word for each in folded for word in _words(each)}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= SHORTEST_WORD:
            text = text.replace(word, "")
    return text


def _words(text: str) -> list[str]:
    return _SEPARATORS.split(text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@cache
def _frequent() -> frozenset[str]:
    return frozenset(_FILE.read_text().split("\n")) - {""}
