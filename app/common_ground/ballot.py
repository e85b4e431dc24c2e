"""The votes of a newspaper's readers on its comments, read a slice at a time: a vote is 24 bytes, its row many more."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Text, case, cast, func, or_, select
from sqlalchemy.orm import Session

from app.common_ground import voters
from app.common_ground.model import Indexes, Votes
from app.common_ground.voters import Voters
from app.db import Database
from app.models import Comment, Reaction
from app.models.comment import IS_PUBLISHED
from app.models.reaction import RESPECT

SLICE_COMMENTS = 2000


@dataclass(frozen=True)
class Ballot:
    """Votes, and the ids of the comments that they are on, in the order in which they are counted there."""

    comment_ids: Indexes
    votes: Votes


def of_site(database: Database, site_id: int, since: int) -> Ballot:
    """The votes on the published comments of a site with ids from `since` on.

    Who respects a comment and disagrees with it respects it. Votes on what was edited since do not count, nor those of
    authors on what is theirs. Each slice is a short read of its own.
    """
    with database.reading() as session:
        electorate = voters.now(session)
    slices = list(_slices(database, site_id, since, electorate)) or [np.empty((3, 0), np.int64)]
    comments, persons, respects = np.concatenate(slices, axis=1)
    del slices
    comment_ids, comment = np.unique(comments, return_inverse=True)
    person_ids, reader = np.unique(persons, return_inverse=True)
    del comments, persons
    readers = max(len(person_ids), 1)
    # one number for each vote, sorted: of two of a person on a comment, respect is the last
    numbers = (comment * readers + reader) * 2 + respects
    numbers.sort()
    numbers = numbers[np.append(numbers[1:] // 2 != numbers[:-1] // 2, True)[: len(numbers)]]
    pairs, respect = numbers // 2, (numbers % 2).astype(np.float64)
    return Ballot(comment_ids, Votes(pairs // readers, pairs % readers, respect, len(comment_ids), len(person_ids)))


def _slices(database: Database, site_id: int, since: int, electorate: Voters) -> Iterator[Indexes]:
    """Comment, person and whether it is respect, in three rows."""
    last = since - 1
    while True:
        with database.reading() as session:
            following = Comment.site_id == site_id, Comment.id > last, IS_PUBLISHED
            ids = session.scalars(select(Comment.id).where(*following).order_by(Comment.id).limit(SLICE_COMMENTS)).all()
            if not ids:
                return
            first, last = ids[0], ids[-1]
            comment, account, author, respect = _reactions(session, site_id, first, last)
        person = electorate.person(account)
        counts = electorate.count(account, person) & (person != electorate.person(author))
        yield np.stack([comment, person, respect])[:, counts]


def _reactions(session: Session, site_id: int, first: int, last: int) -> Indexes:
    """Comment, account, author and whether it is respect, in four rows.

    The database hands over the accounts of a comment as one text, in half the time that a row for each takes.
    """
    # who disagrees has a minus before their id
    voter = case((Reaction.kind == RESPECT, Reaction.account_id), else_=-Reaction.account_id)
    found = (
        select(Comment.id, Comment.account_id, func.count(), func.aggregate_strings(cast(voter, Text), ","))
        .join(Reaction, Comment.id == Reaction.comment_id)
        .where(
            Comment.site_id == site_id,
            IS_PUBLISHED,
            Comment.id.between(first, last),
            Reaction.comment_id.between(first, last),
            or_(Comment.edited_at.is_(None), Reaction.created_at >= Comment.edited_at),
        )
        .group_by(Comment.id)
    )
    rows = session.execute(found).all()
    comment, author, votes = np.array([row[:3] for row in rows], np.int64).reshape(-1, 3).T
    signed = np.fromstring(",".join(row[3] for row in rows), np.int64, sep=",")
    return np.stack([comment.repeat(votes), np.abs(signed), author.repeat(votes), signed > 0])
