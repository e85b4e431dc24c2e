"""What explains the votes of readers: how each votes, how each comment is voted on, and on which side of what divides
the readers both stand. Numbers in, numbers out; nothing of it is kept.

The model is the one that X has published for its Community Notes ("Note ranking algorithm", communitynotes.x.com/guide;
S. Wojcik and others, "Birdwatch", arXiv:2210.15723), with one factor:

    vote = mean + intercept of reader + intercept of comment + factor of reader * factor of comment

A vote is 1 (respect) or 0. The squares of what is not explained are made least, with their constants: 0.15 times the
squares of the intercepts and 0.03 times those of the factors, each as a mean over readers and over comments. An
intercept is five times as dear, so what a side explains goes to the factors, and a comment's intercept says how far it
is respected across sides. Two things are ours: the mean costs nothing, since most votes are respects here; and it is
solved by alternating least squares, which comes to the same numbers each time and needs no rate of learning.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indexes = NDArray[np.int64]

OF_INTERCEPTS, OF_FACTORS = 0.15, 0.03
# each round goes on in the direction of the last one, which saves half of them; they end when factors hardly change
# (root mean square)
MOMENTUM = 0.8
MOST_ROUNDS = 80
SETTLED = 3e-3
SEED = 20261130


@dataclass(frozen=True)
class Votes:
    """Votes in the order of their comments: which of `comments` and which of `readers` (both counted from 0), and 1.0
    for respect or 0.0. A reader has one vote on a comment.
    """

    comment: Indexes
    reader: Indexes
    respect: Numbers
    comments: int
    readers: int

    def only(self, which: Any) -> "Votes":
        """Those that a slice picks, of the same comments and readers."""
        return Votes(self.comment[which], self.reader[which], self.respect[which], self.comments, self.readers)


@dataclass(frozen=True)
class Traits:
    """Of readers or of comments: an intercept and a factor for each."""

    intercepts: Numbers
    factors: Numbers


@dataclass(frozen=True)
class Fit:
    """What explains the votes best."""

    mean: float
    readers: Traits
    comments: Traits


def fit(votes: Votes, start: Numbers | None = None) -> Fit:
    """Explain votes, of which there must be some. `start`: factors of the readers that are nearly right already."""
    factors = np.random.default_rng(SEED).normal(scale=0.5, size=votes.readers) if start is None else start
    mean, readers = float(votes.respect.mean()), Traits(np.zeros(votes.readers), factors)
    for _round in range(MOST_ROUNDS):
        comments = _solved(votes.comment, votes.comments, votes, mean, (votes.reader, readers))
        found = Fit(mean, _solved(votes.reader, votes.readers, votes, mean, (votes.comment, comments)), comments)
        mean += float(unexplained(votes, found).mean())
        change = found.readers.factors - factors
        if np.sqrt(np.mean(change * change)) < SETTLED:
            break
        factors = found.readers.factors
        readers = Traits(found.readers.intercepts, factors + MOMENTUM * change)
    return found


def readers_of(votes: Votes, found: Fit) -> Traits:
    """What these votes say of their readers, given the comments as they were found."""
    return _solved(votes.reader, votes.readers, votes, found.mean, (votes.comment, found.comments))


def unexplained(votes: Votes, found: Fit) -> Numbers:
    """Of each vote what the fit does not explain."""
    by_factors = found.readers.factors.take(votes.reader) * found.comments.factors.take(votes.comment)
    intercepts = found.readers.intercepts.take(votes.reader) + found.comments.intercepts.take(votes.comment)
    return votes.respect - found.mean - intercepts - by_factors


def totals(whose: Indexes, many: int, weights: Numbers | None = None) -> Numbers:
    """For each of `many` the sum over their votes: how many there are, or of these weights."""
    return np.asarray(np.bincount(whose, weights, many), np.float64)


def _solved(whose: Indexes, many: int, votes: Votes, mean: float, others: tuple[Indexes, Traits]) -> Traits:
    """The traits of one kind, given those of the other that stand against them: the normal equations of each are two,
    whose sums are made over all votes at once.
    """
    against, known = others
    factors = known.factors.take(against)
    left = votes.respect - mean - known.intercepts.take(against)
    usual = len(votes.respect) / many
    first = totals(whose, many) + OF_INTERCEPTS * usual
    across = totals(whose, many, factors)
    right, right_by_factors = totals(whose, many, left), totals(whose, many, left * factors)
    factors *= factors
    second = totals(whose, many, factors) + OF_FACTORS * usual
    determinant = first * second - across * across
    return Traits(
        (right * second - right_by_factors * across) / determinant,
        (right_by_factors * first - right * across) / determinant,
    )
