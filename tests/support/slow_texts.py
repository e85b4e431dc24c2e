"""The slowest texts that are known, by kind: each is as long as may be, and made to be read again and again."""

import random
from collections.abc import Callable

_DRAW = 20261129
_MARKS_ABOVE, _MARKS_BELOW = "\u0301\u0302\u0303\u0304", "\u0316\u0317\u0323\u0324"


def repeated(unit: str) -> Callable[[int], str]:
    """A text of that many characters, of one unit again and again."""
    return lambda length: (unit * (length // len(unit) + 1))[:length]


def _heap(length: int) -> str:
    """One letter under as many marks, each of which belongs before half of the others."""
    return "a" + "\u0301" * (length // 2) + "\u0316" * (length - length // 2 - 1)


def _any(first: int, last: int) -> Callable[[int], str]:
    """Characters between two code points, at random."""
    return lambda length: "".join(map(chr, random.Random(_DRAW).choices(range(first, last), k=length)))


# {what is slow about it: a text of so many characters}
KINDS: dict[str, Callable[[int], str]] = {
    "a phrase in each character (FDFA)": repeated("\ufdfa"),
    "a shorter phrase (FDFB)": repeated("\ufdfb"),
    "phrases apart": repeated("\ufdfa "),
    "squared words (33AF)": repeated("\u33af"),
    "squared katakana": repeated("\u3300"),
    "ligatures": repeated("\ufb03 "),
    "presentation forms": _any(0xFB50, 0xFDFD),
    "a heap of marks on one letter": _heap,
    "zalgo": repeated("a" + _MARKS_ABOVE + _MARKS_BELOW + _MARKS_ABOVE),
    "marks in a word": repeated("i\u0301d\u0300i\u0302o\u0308t "),
    "families of emoji": repeated("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"),
    "one very long word": repeated("abcdefghijklmnopqrstuvwxyz"),
    "one letter": repeated("a"),
    "very short words": repeated("a b "),
    "rude words": repeated("you idiot go die "),
    "rude words amid han": repeated("idiot漢字漢字漢"),
    "han": _any(0x4E00, 0x9FFF),
    "hangul apart": repeated("\uac01 "),
    "beyond the first plane": _any(0x20000, 0x2A6DF),
    "mixed scripts": repeated("іdіоt αβγ שלום 漢字 "),
    "mathematical letters": repeated("\U0001d422\U0001d41d\U0001d422\U0001d428\U0001d42d "),
    "leet": repeated("1d10t "),
    "spelled out": repeated("i d i o t. "),
    "stars": repeated("f*ck "),
    "stretched": repeated("idiooooot "),
    "accented words": repeated("bhùth Èideann "),
    "an insult a line": repeated("a\n"),
    "nested quotes": repeated(">"),
    "nested quotes apart": repeated("> "),
    "nested lists": repeated("- "),
    "emphasis": repeated("**a_b_ "),
    "brackets": repeated("[a]("),
    "links": repeated("[a](http://b.c) "),
    "bare links": repeated("http://a.b/ "),
    "links without a scheme": repeated("www."),
    "addresses": repeated("a@b.c "),
    "entities": repeated("&#111;"),
    "less than": repeated("<http://a"),
    "ticks": repeated("`a"),
    "headings": repeated("#\n"),
    "comments of HTML": repeated("<!<!--"),
    "sentences": repeated("\n!"),
}
