"""What of a story is one reader's own: their comments that nobody else sees yet, their reactions and their
reports.

The second, small call beside the slice that all readers share. One statement.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, CompoundSelect, Integer, Select, bindparam, cast, literal, select
from sqlalchemy.orm import Session

from app.db import is_one_of, shared, union_by_name
from app.models import Assessment, Comment, Follow, Mute, Notification, Reaction, Report, Story
from app.models.comment import HELD, WITHHELD
from app.models.reaction import DISAGREEMENT, KINDS, RESPECT
from app.threads.assessments import last

MOST_OF_EACH = 1000
ACCOUNT, STORY = bindparam("account", type_=BigInteger), bindparam("story", type_=BigInteger)


@dataclass(frozen=True)
class Waiting:
    """A comment of the reader's that waits for a moderator; `reasons` are the codes of what held it, `outcome` is the
    verdict that they led to.
    """

    id: int
    parent_id: int | None
    state: str
    text: str
    created_at: datetime
    reasons: list[str]
    outcome: str | None


@dataclass(frozen=True)
class Mine:
    """The reader's comments that wait, the ids of those they respect, disagree with and have reported (the newest
    MOST_OF_EACH), and of the readers whom they have muted. `follow`: whether they follow the story or have muted it
    (models.follow), None if neither; `news`: whether something of what they are told of it is new to them.
    """

    waiting: list[Waiting] = field(default_factory=list)
    respects: frozenset[int] = frozenset()
    disagreements: frozenset[int] = frozenset()
    reports: frozenset[int] = frozenset()
    mutes: frozenset[int] = frozenset()
    follow: str | None = None
    news: bool = False


def of(session: Session, account_id: int, story_id: int) -> Mine:
    """All of it for one account in one story."""
    rows = session.execute(_statement(), {"account": account_id, "story": story_id}).all()
    return Mine(
        sorted((_comment(row) for row in rows if row.kind == "waiting"), key=lambda comment: -comment.id),
        frozenset(row.comment_id for row in rows if row.kind == RESPECT),
        frozenset(row.comment_id for row in rows if row.kind == DISAGREEMENT),
        frozenset(row.comment_id for row in rows if row.kind == "report"),
        frozenset(row.comment_id for row in rows if row.kind == "mute"),
        next((row.state for row in rows if row.kind == "follow"), None),
        any(row.kind == "news" or (row.kind == "follow" and row.new) for row in rows),
    )


@cache
def _statement() -> CompoundSelect[Any]:
    """Kept, as every page of a story asks it, and putting it together takes longer than the answer."""
    parts = (_waiting(), *(_reactions(kind) for kind in KINDS), _reports(), _mutes(), _follow(), _news())
    # SQLite sorts and limits a part of a union in a subquery only
    return shared(union_by_name(*(select(part.limit(literal(MOST_OF_EACH)).subquery()) for part in parts)))


def _comment(row: Any) -> Waiting:
    return Waiting(row.comment_id, row.parent_id, row.state, row.text, row.created_at, row.reasons or [], row.outcome)


def _waiting() -> Select[str, int, int | None, str, str, datetime, list[str] | None, str | None]:
    return (
        select(
            literal("waiting").label("kind"),
            Comment.id.label("comment_id"),
            Comment.parent_id,
            Comment.state,
            Comment.text,
            Comment.created_at,
            last(Assessment.reasons).label("reasons"),
            last(Assessment.outcome).label("outcome"),
        )
        .where(Comment.account_id == ACCOUNT, Comment.story_id == STORY, is_one_of(Comment.state, (HELD, WITHHELD)))
        .order_by(Comment.id.desc())
    )


def _reactions(kind: str) -> Select[str, int]:
    return (
        select(literal(kind).label("kind"), Reaction.comment_id)
        .where(Reaction.account_id == ACCOUNT, Reaction.story_id == STORY, Reaction.kind == kind)
        .order_by(Reaction.comment_id.desc())
    )


def _reports() -> Select[str, int]:
    return (
        select(literal("report").label("kind"), Report.subject_id.label("comment_id"))
        .join(Comment, Comment.id == Report.subject_id)
        .where(Report.account_id == ACCOUNT, Report.subject_type == "comment", Comment.story_id == STORY)
        .order_by(Report.subject_id.desc())
    )


def _mutes() -> Select[str, int]:
    muted = select(literal("mute").label("kind"), Mute.muted_id.label("comment_id"))
    return muted.where(Mute.account_id == ACCOUNT).order_by(Mute.created_at.desc())


def _follow() -> Select[str, str, int]:
    new = Story.published_count > Follow.seen_count
    follow = select(literal("follow").label("kind"), Follow.state, cast(new, Integer).label("new"))
    found = follow.join(Story, Story.id == Follow.story_id)
    return found.where(Follow.account_id == ACCOUNT, Follow.story_id == STORY)


def _news() -> Select[str, int]:
    mine = Notification.account_id == ACCOUNT, Notification.story_id == STORY, Notification.read_at.is_(None)
    return select(literal("news").label("kind"), Notification.subject_id.label("comment_id")).where(*mine)
