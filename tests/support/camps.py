"""Readers of two camps who vote on comments: votes of which it is known what made them.

What a reader respects depends on the comment's quality, which both camps see alike, on whether it speaks for the
reader's camp, and on how generous the reader is. Few readers give most votes, and few comments get most.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import clock
from app.common_ground import model
from app.common_ground.model import Indexes, Numbers, Votes
from app.models import Reaction, Story
from app.models.reaction import DISAGREEMENT, RESPECT
from tests.support import factories
from tests.support.conversations import Sketch, plant


@dataclass(frozen=True)
class Camps:
    """`quality` of each comment is what both camps see in it; `camp` of each reader is 1 or -1, times how much they go
    by it.
    """

    votes: Votes
    quality: Numbers
    camp: Numbers

    @property
    def enough(self) -> Indexes:
        """The comments on which five voted or more: of others nothing can be said."""
        return np.flatnonzero(np.bincount(self.votes.comment, minlength=self.votes.comments) >= 5)


def divided(
    seed: int, readers: int = 600, comments: int = 400, votes: int = 20_000, *, apart: float = 2.0, share: float = 0.6
) -> Camps:
    """A newspaper's readers. `apart`: how much more a camp counts than quality (0: there are no camps); `share`: what
    part of them is of the first camp.
    """
    draw = np.random.default_rng(seed)
    camp = np.where(draw.random(readers) < share, 1.0, -1.0) * draw.uniform(0.5, 1.2, readers)
    quality, speaks_for = draw.normal(size=comments), draw.uniform(-1.3, 1.3, comments)
    generous = draw.normal(scale=0.5, size=readers)
    pairs = np.empty(0, np.int64)
    often, seen = draw.lognormal(size=readers), draw.lognormal(size=comments)
    while len(pairs) < votes:
        who = draw.choice(readers, votes, p=often / often.sum())
        what = draw.choice(comments, votes, p=seen / seen.sum())
        pairs = np.unique(np.concatenate([pairs, what * readers + who]))
    pairs = np.sort(draw.choice(pairs, votes, replace=False))
    comment, reader = pairs // readers, pairs % readers
    leaning = 0.8 + quality[comment] + apart * camp[reader] * speaks_for[comment] + generous[reader]
    respect = (draw.random(votes) < 1 / (1 + np.exp(-leaning))).astype(np.float64)
    return Camps(Votes(comment, reader, respect, comments, readers), quality, camp)


def with_one_more(camps: Camps, readers: Indexes) -> Votes:
    """The votes, and one more comment, the last, which all of `readers` respect."""
    votes = camps.votes
    return Votes(
        np.concatenate([votes.comment, np.full(len(readers), votes.comments)]),
        np.concatenate([votes.reader, readers]),
        np.concatenate([votes.respect, np.ones(len(readers))]),
        votes.comments + 1,
        votes.readers,
    )


def cast(session: Session, story: Story, camps: Camps, *, days_ago: int = 30) -> list[int]:
    """Have readers of these camps react to comments of so many days ago, by somebody who does not vote. Returns the ids
    of the comments, in their order.
    """
    voters = [factories.account(session) for _ in range(camps.votes.readers)]
    sketches = [Sketch() for _ in range(camps.votes.comments)]
    planted = plant(
        session, story, [factories.account(session)], sketches, began=clock.now() - timedelta(days=days_ago)
    )
    rows = [
        {
            "comment_id": planted[comment].id,
            "account_id": voters[reader].id,
            "kind": RESPECT if respect else DISAGREEMENT,
            "story_id": story.id,
            "created_at": clock.now(),
        }
        for comment, reader, respect in zip(camps.votes.comment, camps.votes.reader, camps.votes.respect, strict=True)
    ]
    session.execute(insert(Reaction), rows)
    return [comment.id for comment in planted]


def wilson(votes: Votes) -> Numbers:
    """What "most respected" goes by elsewhere: the least share of respects that the votes on each comment allow for."""
    voted = np.maximum(np.bincount(votes.comment, minlength=votes.comments), 1)
    share, square = np.bincount(votes.comment, votes.respect, votes.comments) / voted, 1.96**2
    margin = np.sqrt(square * share * (1 - share) / voted + (square / voted / 2) ** 2)
    return np.asarray((share + square / voted / 2 - margin) / (1 + square / voted))


def net(votes: Votes) -> Numbers:
    """Respects less the others, of each comment."""
    return model.totals(votes.comment, votes.comments, 2 * votes.respect - 1)


def rank_correlation(one: Numbers, other: Numbers) -> float:
    """Spearman's."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: Numbers) -> Numbers:
    _values, which, many = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(many) - (many - 1) / 2)[which])
