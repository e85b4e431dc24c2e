"""The newest comments of a story or of a newspaper, whatever conversation they stand in: what a feed has."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from app.db import shared
from app.models import Account, Comment, Story
from app.models.comment import IS_PUBLISHED

MOST = 50
# kept, as every thread asks it
_NEWEST = shared(
    select(func.max(Comment.id)).where(Comment.story_id == bindparam("story", type_=BigInteger), IS_PUBLISHED)
)


@dataclass(frozen=True)
class NewComment:
    """A published comment, and the story that it stands on."""

    id: int
    parent_id: int | None
    story: Story
    name: str
    text: str
    created_at: datetime
    edited_at: datetime | None


def of_story(session: Session, story_id: int) -> list[NewComment]:
    """The newest MOST of a story, the newest first. One statement."""
    return _newest(session, Comment.story_id == story_id)


def of_site(session: Session, site_id: int) -> list[NewComment]:
    """The newest MOST of a newspaper, the newest first. One statement."""
    return _newest(session, Comment.site_id == site_id)


def id_of(session: Session, story_id: int) -> int | None:
    """The id of the newest of a story, if it has any. One statement."""
    return session.scalar(_NEWEST, {"story": story_id})


def _newest(session: Session, which: ColumnElement[bool]) -> list[NewComment]:
    found = (
        select(
            Comment.id,
            Comment.parent_id,
            Story,
            Account.name,
            Comment.text,
            Comment.created_at,
            Comment.edited_at,
        )
        .join(Story, Story.id == Comment.story_id)
        .join(Account, Account.id == Comment.account_id)
        .where(which, IS_PUBLISHED)
        .order_by(Comment.id.desc())
        .limit(MOST)
    )
    return [NewComment(*row) for row in session.execute(found)]
