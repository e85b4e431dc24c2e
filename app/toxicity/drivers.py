"""Which words drove a score, for any scorer: by leaving each out of its passage, and by scoring it alone.

A word counts for the mean of what goes when it is left out and what comes when it stands alone: the two ends of its
Shapley value. Leaving out alone would mark nothing where two insults stand side by side, since either is enough.
Pieces of the text as it was given are left out, before any normaliser: so what is marked is what stands there,
disguised as it may be.
"""

import re
import time
from collections.abc import Iterable, Iterator
from math import ceil

import msgspec

from app.toxicity.odds import logit
from app.toxicity.passages import ScoredPassage, by_passage
from app.toxicity.scorer import Scorer, Scores, Unavailable

# So many passages are looked into, those within so many logits of the worst; of each, so many pieces.
MOST_SUSPECTS = 3
SUSPECT_LOGITS = 1.0
MOST_PIECES = 40
# Words are named down to this part of the strongest, and so many; one weaker than this (in logits) drives nothing.
NAMED_SHARE = 0.5
MOST_NAMED = 5
LEAST_LOGITS = 0.5

# A word spelled out (i d i o t, i.d.i.o.t) is one piece.
_SIGN = r"(?:[^\W_]|[@$!])"
_PIECE = re.compile(rf"(?<!\S){_SIGN}(?:[ ._*\-]{{1,3}}{_SIGN}(?![^\W_])){{2,}}+\S*+|\S++")
_BEFORE, _AFTER = """.,;:…"'“”‘’«»()[]{}""", """.,;:!?…"'“”‘’«»()[]{}"""


class Driver(msgspec.Struct, frozen=True):
    """The characters `begin` to `end` (exclusive) of a text, and how much of its score is theirs, in logits."""

    begin: int
    end: int
    weight: float


def drivers(scorer: Scorer, text: str, attribute: str, deadline: float) -> list[Driver] | Unavailable:
    """What drove the score of `attribute` in `text`, the strongest first: words, or the whole passage where no word
    stands out or time is short. One batch for the passages and one for the words, within `deadline` seconds together.
    """
    began = time.monotonic()
    scored = by_passage(scorer, text, deadline)
    if isinstance(scored, Unavailable) or not scored:
        return scored if isinstance(scored, Unavailable) else []
    took = time.monotonic() - began
    suspects = _suspects(scored, attribute)
    whole = [Driver(passage.begin, passage.end, _logit(passage.scores, attribute)) for passage in suspects[:1]]
    pieces = [(passage, piece) for passage in suspects for piece in _pieces(text, passage)]
    batch = ["", *(variant for passage, piece in pieces for variant in _variants(text, passage, piece))]
    # Better the passage than no answer.
    if took * sum(map(len, batch)) / len(text) > deadline - took:
        return whole
    answer = scorer.score(batch, deadline - took)
    if isinstance(answer, Unavailable):
        return answer
    nothing, *rest = (_logit(scores, attribute) for scores in answer)
    weights = [
        (_logit(passage.scores, attribute) - without + alone - nothing) / 2
        for (passage, _), without, alone in zip(pieces, rest[::2], rest[1::2], strict=True)
    ]
    found = [Driver(*piece, weight) for (_, piece), weight in zip(pieces, weights, strict=True)]
    return _named(found, text) or whole


def _suspects(scored: list[ScoredPassage], attribute: str) -> list[ScoredPassage]:
    """The passages that may be to blame, the worst first."""
    ranked = sorted(scored, key=lambda passage: -_logit(passage.scores, attribute))
    least = _logit(ranked[0].scores, attribute) - SUSPECT_LOGITS
    return [passage for passage in ranked[:MOST_SUSPECTS] if _logit(passage.scores, attribute) >= least]


def _pieces(text: str, passage: ScoredPassage) -> list[tuple[int, int]]:
    """The words of a passage; of a long one, groups of neighbours."""
    words = [match.span() for match in _PIECE.finditer(text, passage.begin, passage.end)]
    size = ceil(len(words) / MOST_PIECES)
    return [(words[first][0], words[first : first + size][-1][1]) for first in range(0, len(words), size)]


def _variants(text: str, passage: ScoredPassage, piece: tuple[int, int]) -> Iterator[str]:
    begin, end = piece
    yield text[passage.begin : begin] + text[end : passage.end]
    yield text[begin:end]


def _named(found: list[Driver], text: str) -> list[Driver]:
    """Those that stand out, without the punctuation around them; neighbours are named as one."""
    strongest = max((driver.weight for driver in found), default=0.0)
    least = max(LEAST_LOGITS, strongest * NAMED_SHARE)
    chosen = sorted((driver for driver in found if driver.weight >= least), key=lambda driver: -driver.weight)[
        :MOST_NAMED
    ]
    bare = (bared for driver in sorted(chosen, key=lambda driver: driver.begin) if (bared := _bared(driver, text)))
    return sorted(_joined(bare, text), key=lambda driver: -driver.weight)


def _bared(driver: Driver, text: str) -> Driver | None:
    piece = text[driver.begin : driver.end]
    begin = driver.begin + len(piece) - len(piece.lstrip(_BEFORE))
    end = driver.end - len(piece) + len(piece.rstrip(_AFTER))
    return Driver(begin, end, driver.weight) if begin < end else None


def _joined(found: Iterable[Driver], text: str) -> Iterator[Driver]:
    last: Driver | None = None
    for driver in found:
        if last and not text[last.end : driver.begin].strip():
            last = Driver(last.begin, driver.end, max(last.weight, driver.weight))
            continue
        if last:
            yield last
        last = driver
    if last:
        yield last


def _logit(scores: Scores, attribute: str) -> float:
    return logit(scores.by_attribute()[attribute])
