"""Which texts are nearly the same, by the runs of five words that they share."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from app.toxicity.features import plain

_RUN_WORDS = 5
# a run that so many texts have says nothing (welcome to wikipedia i hope)
_COMMON_TEXTS = 50

Run = tuple[str, ...]


def runs(text: str) -> set[Run]:
    """Each five words in a row, in plain letters; a shorter text is one run."""
    words = plain(text).split()
    return {tuple(words[first : first + _RUN_WORDS]) for first in range(max(1, len(words) - _RUN_WORDS + 1))}


def alike(texts: Iterable[str], others: Sequence[str], least: float) -> Iterator[tuple[int, int]]:
    """The places in `texts` and in `others` of those whose shared runs are at least the share `least` (0 to 1) of all
    runs of the two (Jaccard); for each text the likest alone.
    """
    theirs = [runs(other) for other in others]
    having = defaultdict[Run, list[int]](list)
    for place, their in enumerate(theirs):
        for run in their:
            having[run].append(place)
    for place, text in enumerate(texts):
        mine = runs(text)
        bearers = (having.get(run, []) for run in mine)
        shared = Counter(other for those in bearers if len(those) < _COMMON_TEXTS for other in those)
        for other, count in shared.most_common(1):
            if count >= least * (len(mine) + len(theirs[other]) - count):
                yield place, other
