"""Texts scored anew, many at a time, while no transaction is open."""

from collections.abc import Iterator, Sequence

from app.signals.toxicity_scores import SCORE_DIGITS
from app.toxicity import Scorer, Unavailable

BATCH_TEXTS = 200
# for a batch: nobody waits for an answer here
DEADLINE_SECONDS = 600.0


class NoScores(RuntimeError):
    """The scorer does not answer: the message says why."""


def scores_of(scorer: Scorer, texts: Sequence[str]) -> Iterator[dict[str, float]]:
    """The scores of each text by attribute, probabilities from 0 to 1. Raises NoScores."""
    for first in range(0, len(texts), BATCH_TEXTS):
        answer = scorer.score(texts[first : first + BATCH_TEXTS], DEADLINE_SECONDS)
        if isinstance(answer, Unavailable):
            raise NoScores(f"the scorer {scorer.name} does not answer: {answer.reason}")
        for scores in answer:
            yield {attribute: round(value, SCORE_DIGITS) for attribute, value in scores.by_attribute().items()}
