"""The words that carry rudeness, found by counting, and the ways in which one of them is commonly misspelt to
hide it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log
from pathlib import Path

Lexicon = Mapping[str, frozenset[str]]

FEWEST_TEXTS = 12
FEWEST_ELSEWHERE = 5
LEAST_LOG_ODDS = 0.9


def read(path: Path) -> Lexicon:
    """Each word, the commonest first, with the real words that its letter swaps would give (arse: ares)."""
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return {word: frozenset(others) for word, *others in lines}


def count(texts: Iterable[str], toxic: Iterable[bool], elsewhere: Iterable[str]) -> Lexicon:
    """The words much commoner in toxic texts than in others, the weightiest first.

    A word must be in use elsewhere too: the nickname of somebody insulted at one place is no rude word.
    """
    rude, other = Counter[str](), Counter[str]()
    totals = [2, 2]
    for text, is_toxic in zip(texts, toxic, strict=True):
        (rude if is_toxic else other).update(_words(text))
        totals[is_toxic] += 1

    def odds(word: str) -> float:
        return log((rude[word] + 1) / totals[True]) - log((other[word] + 1) / totals[False])

    common = Counter(word for text in elsewhere for word in _words(text))
    words = [
        word
        for word in rude
        if common[word] >= FEWEST_ELSEWHERE and rude[word] >= FEWEST_TEXTS and odds(word) >= LEAST_LOG_ODDS
    ]
    words.sort(key=lambda word: (-rude[word] * odds(word), word))
    return {word: frozenset(form for form in swaps(word) if other[form] > rude[form]) for word in words}


def _words(text: str) -> set[str]:
    return set(re.findall("[a-z]{3,}", text.lower()))


def write(lexicon: Lexicon, path: Path) -> None:
    """A line for each word, with what its letter swaps would give; as `read` reads it."""
    lines = (" ".join([word, *sorted(real)]) for word, real in lexicon.items())
    path.write_text("\n".join(lines) + "\n", "utf-8")


def swaps(word: str) -> set[str]:
    """The word with two neighbouring letters exchanged, the first letter kept; none for three letters or
    fewer.
    """
    swapped = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))
    return set(swapped) - {word} if len(word) > 3 else set()


def masks(word: str) -> set[str]:
    """The ways people put stars in a word: one letter, two, the vowels, the inside, all but the first."""
    inside = range(1, len(word) - 1)
    forms = {word[:i] + "*" + word[i + 1 :] for i in inside}
    forms |= {word[:i] + "**" + word[i + 2 :] for i in inside}
    forms.add(word[0] + re.sub("[aeiou]", "*", word[1:]))
    forms.add(word[0] + "*" * (len(word) - 2) + word[-1])
    forms.add(word[0] + "*" * (len(word) - 1))
    return forms - {word}
