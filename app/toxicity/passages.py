"""Where in a text the scores come from: its passages, each scored by itself.

A passage is a sentence; of a very long text, several in a row.

Offsets count characters (code points) of the text as it was given, not of what the normaliser makes of it.
"""

import re
from itertools import pairwise
from math import ceil

import msgspec

from app.toxicity.scorer import Scorer, Scores, Unavailable

# no text costs more scores than these
MOST_PASSAGES = 50

_END = re.compile(
    r"""(?<![.!?…‽])[.!?…‽]++["'”’»)\]*_]*+(?=\s|\Z)"""
    r"|[\u3002\uff01\uff1f\u0964\u061f]++[\u201d\u2019\u300d\u300f)]*+"
    r"|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]++"
)
# Where a full stop ends none: Mr. Smith, U. S. A., J. R. R. Tolkien, and the disguise i. d. i. o. t.
_SHORT = re.compile(r"(?<![^\W_])(?:[^\W_]|Mrs?|Ms|Dr|St)[.]\Z")


class ScoredPassage(msgspec.Struct, frozen=True):
    """The scores of the characters `begin` to `end` (exclusive) of a text."""

    begin: int
    end: int
    scores: Scores


def by_passage(scorer: Scorer, text: str, deadline: float) -> list[ScoredPassage] | Unavailable:
    """The scores of each passage of `text`, in order, from one batch within `deadline` seconds.

    No passage has space at its ends; a text of nothing but space has no passage.
    """
    places = passages(text)
    if not places:
        return []
    answer = scorer.score([text[begin:end] for begin, end in places], deadline)
    if isinstance(answer, Unavailable):
        return answer
    return [ScoredPassage(begin, end, scores) for (begin, end), scores in zip(places, answer, strict=True)]


def passages(text: str) -> list[tuple[int, int]]:
    """Where the passages of `text` begin and end (exclusive), at most MOST_PASSAGES: neighbours of a long one join."""
    ends = [match.end() for match in _END.finditer(text) if not _shortens(match)]
    found = [place for begin, end in pairwise([0, *ends, len(text)]) if (place := trimmed(text, begin, end))]
    size = max(1, ceil(len(found) / MOST_PASSAGES))
    return [(found[first][0], found[first : first + size][-1][1]) for first in range(0, len(found), size)]


def trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """`begin` and `end` without the space around; None if there is nothing else."""
    piece = text[begin:end]
    start = begin + len(piece) - len(piece.lstrip())
    return (start, begin + len(piece.rstrip())) if piece.strip() else None


def _shortens(end: re.Match[str]) -> bool:
    before = end.string[max(0, end.start() - len(" Mrs")) : end.start() + 1]
    return _SHORT.search(before) is not None
