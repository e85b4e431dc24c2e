"""Which comments are common ground: respected across sides, by enough readers of each."""

import numpy as np
from numpy.typing import NDArray

from app.common_ground import model
from app.common_ground.model import OF_FACTORS, Fit, Indexes, Numbers, Votes

# what a comment's intercept must be, in votes: so much more respect than is usual, whichever side is asked
LEAST_INTERCEPT = 0.1
# a reader is on a side if their factor is so many times as large as it may be by chance
SURELY = 2.0
# of those who respect it each side must be so large a part, or a large camp's few misjudged readers would be a side
LEAST_SHARE = 0.1
# there are sides at all if both halves of the votes find the same: by chance alone they agree at 0.1 among 100 readers
LEAST_AGREEMENT = 0.3
STEPS = 100


def scores(votes: Votes, each_side: int) -> Indexes:
    """For each comment its score in hundredths of a vote, from 10 on, or 0: it is no common ground.

    It is if its intercept is at least LEAST_INTERCEPT, and of each side `each_side` readers respect it, most of those
    of the side who voted on it.
    """
    half = model.fit(votes.only(slice(0, None, 2)))
    if _agreement(half, votes.only(slice(1, None, 2))) < LEAST_AGREEMENT:
        return np.zeros(votes.comments, np.int64)
    found = model.fit(votes, half.readers.factors)
    intercepts = found.comments.intercepts
    common = (intercepts >= LEAST_INTERCEPT) & _supported(votes, _sides(votes, found), each_side)
    return np.where(common, np.rint(intercepts * STEPS), 0.0).astype(np.int64)


def _agreement(half: Fit, other: Votes) -> float:
    """How far votes that had no part in `half` put the readers of its votes on the same sides: a correlation."""
    again = model.readers_of(other, half).factors
    voted = again != 0
    if not voted.any() or not again[voted].std():
        return 0.0
    return float(np.corrcoef(half.readers.factors[voted], again[voted])[0, 1])


def _sides(votes: Votes, found: Fit) -> Numbers:
    """The side of each reader, 1 or -1; 0 if their votes do not say for sure."""
    left = model.unexplained(votes, found)
    told = model.totals(votes.reader, votes.readers, found.comments.factors.take(votes.comment) ** 2)
    usual = len(votes.respect) / votes.readers
    by_chance = np.sqrt(float(np.mean(left * left)) / (told + OF_FACTORS * usual))
    factors = found.readers.factors
    return np.where(np.abs(factors) > SURELY * by_chance, np.sign(factors), 0.0)


def _supported(votes: Votes, sides: Numbers, each_side: int) -> NDArray[np.bool_]:
    """Whether each comment has the support of both sides."""
    by_vote = sides.take(votes.reader)
    enough, support = np.ones(votes.comments, np.bool_), []
    for side in (1, -1):
        of_side = (by_vote == side).astype(np.float64)
        voted = model.totals(votes.comment, votes.comments, of_side)
        respects = model.totals(votes.comment, votes.comments, of_side * votes.respect)
        enough &= (respects >= each_side) & (2 * respects > voted)
        support.append(respects)
    return enough & (np.minimum(*support) >= LEAST_SHARE * np.add(*support))
