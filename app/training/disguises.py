"""Ten ways in which people hide a word from a filter, each the same for the same text: to train against and
to measure with.
"""

import re
from collections.abc import Callable

_WORD = re.compile(r"[A-Za-z]{3,}")
_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_HOMOGLYPHS = str.maketrans("aceiopsxyACEHIKMOPTXBY", "асеіорѕхуАСЕНІКМОРТХВУ")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_MARKS = ("\u0301", "\u0300", "\u0302", "\u0308")


def _middle(word: str) -> int:
    """A place inside the word: a vowel if there is one, since a vowel is what people hide."""
    inside = [i for i in range(1, len(word) - 1) if word[i] in "aeiouAEIOU"]
    return inside[0] if inside else len(word) // 2


def _stars(word: str) -> str:
    at = _middle(word)
    return word[:at] + "*" + word[at + 1 :]


def _repeats(word: str) -> str:
    at = _middle(word)
    return word[:at] + word[at] * 4 + word[at + 1 :]


def _swaps(word: str) -> str:
    at = max(1, len(word) // 2 - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :] if len(word) > 3 else word


def _diacritics(word: str) -> str:
    return "".join(letter + _MARKS[i % len(_MARKS)] for i, letter in enumerate(word))


_BY_WORD: dict[str, Callable[[str], str]] = {
    "leet": lambda word: word.translate(_LEET),
    "spaces": lambda word: f" {' '.join(word)} ",
    "dots": ".".join,
    "homoglyphs": lambda word: word.translate(_HOMOGLYPHS),
    "zero-width": "\u200b".join,
    "full-width": lambda word: word.translate(_FULL_WIDTH),
    "diacritics": _diacritics,
    "repeats": _repeats,
    "stars": _stars,
    "swaps": _swaps,
}
DISGUISES = tuple(_BY_WORD)


def disguise(text: str, how: str) -> str:
    """The text with every word of three letters or more disguised; KeyError for an unknown way."""
    change = _BY_WORD[how]
    return _WORD.sub(lambda match: change(match[0]), text)
