"""Probabilities as logits, where what two scorers say can be averaged and what a word does can be subtracted."""

from math import exp, log

from app.toxicity.scorer import ATTRIBUTES, Scores

# A scorer that is certain would outweigh everything else; float16 models say 0 and 1.
_LEAST_PROBABILITY = 1e-4


def logit(probability: float) -> float:
    """Log odds of a probability, which is taken for no nearer to 0 and 1 than four digits can say."""
    bounded = min(max(probability, _LEAST_PROBABILITY), 1 - _LEAST_PROBABILITY)
    return log(bounded / (1 - bounded))


def averaged(one: Scores, other: Scores) -> Scores:
    """The mean of two opinions, attribute by attribute: taken of their logits, and a probability again."""
    first, second = one.by_attribute(), other.by_attribute()
    return Scores(**{name: _probability((logit(first[name]) + logit(second[name])) / 2) for name in ATTRIBUTES})


def _probability(logits: float) -> float:
    return 1 / (1 + exp(-logits))
