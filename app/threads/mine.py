"""What of a story is one reader's own: their comments that nobody else sees yet, their reactions and their
reports.

The second, small call beside the slice that all readers share. One statement.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, cast, literal, select
from sqlalchemy.orm import Session

from app.db import union_by_name
from app.models import Assessment, Comment, Follow, Mute, Notification, Reaction, Report, Story
from app.models.comment import HELD, WITHHELD
from app.models.reaction import DISAGREEMENT, KINDS, RESPECT
from app.threads.assessments import last

MOST_OF_EACH = 1000


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
    reactions = (_reactions(account_id, story_id, kind) for kind in KINDS)
    on_story = (_waiting(account_id, story_id), *reactions, _reports(account_id, story_id))
    parts = (*on_story, _mutes(account_id), _follow(account_id, story_id), _news(account_id, story_id))
    # SQLite sorts and limits a part of a union in a subquery only
    rows = session.execute(union_by_name(*(select(part.limit(MOST_OF_EACH).subquery()) for part in parts))).all()
    return Mine(
        sorted((_comment(row) for row in rows if row.kind == "waiting"), key=lambda comment: -comment.id),
        frozenset(row.comment_id for row in rows if row.kind == RESPECT),
        frozenset(row.comment_id for row in rows if row.kind == DISAGREEMENT),
        frozenset(row.comment_id for row in rows if row.kind == "report"),
        frozenset(row.comment_id for row in rows if row.kind == "mute"),
        next((row.state for row in rows if row.kind == "follow"), None),
        any(row.kind == "news" or (row.kind == "follow" and row.new) for row in rows),
    )


def _comment(row: Any) -> Waiting:
    return Waiting(row.comment_id, row.parent_id, row.state, row.text, row.created_at, row.reasons or [], row.outcome)


def _waiting(
    account_id: int, story_id: int
) -> Select[str, int, int | None, str, str, datetime, list[str] | None, str | None]:
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
        .where(Comment.account_id == account_id, Comment.story_id == story_id, Comment.state.in_((HELD, WITHHELD)))
        .order_by(Comment.id.desc())
    )


def _reactions(account_id: int, story_id: int, kind: str) -> Select[str, int]:
    return (
        select(literal(kind).label("kind"), Reaction.comment_id)
        .where(Reaction.account_id == account_id, Reaction.story_id == story_id, Reaction.kind == kind)
        .order_by(Reaction.comment_id.desc())
    )


def _reports(account_id: int, story_id: int) -> Select[str, int]:
    return (
        select(literal("report").label("kind"), Report.subject_id.label("comment_id"))
        .join(Comment, Comment.id == Report.subject_id)
        .where(Report.account_id == account_id, Report.subject_type == "comment", Comment.story_id == story_id)
        .order_by(Report.subject_id.desc())
    )


def _mutes(account_id: int) -> Select[str, int]:
    muted = select(literal("mute").label("kind"), Mute.muted_id.label("comment_id"))
    return muted.where(Mute.account_id == account_id).order_by(Mute.created_at.desc())


def _follow(account_id: int, story_id: int) -> Select[str, str, int]:
    new = Story.published_count > Follow.seen_count
    follow = select(literal("follow").label("kind"), Follow.state, cast(new, Integer).label("new"))
    found = follow.join(Story, Story.id == Follow.story_id)
    return found.where(Follow.account_id == account_id, Follow.story_id == story_id)


def _news(account_id: int, story_id: int) -> Select[str, int]:
    mine = Notification.account_id == account_id, Notification.story_id == story_id, Notification.read_at.is_(None)
    return select(literal("news").label("kind"), Notification.subject_id.label("comment_id")).where(*mine)
