"""The stories that have comments to read, in parts, each with when its last comment was written: what a sitemap has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.models import Comment, Story
from app.models.comment import IS_PUBLISHED

# a tenth of what the protocol allows in a file, so that none takes long to make
MOST = 5_000


def parts(session: Session) -> Sequence[int]:
    """The story that each part begins with. One statement, which counts all stories: those who ask are few."""
    number = func.row_number().over(order_by=Story.id).label("number")
    numbered = select(Story.id, number).where(Story.comment_count > 0).subquery()
    begins = select(numbered.c.id).where(numbered.c.number % MOST == 1)
    return session.scalars(begins.order_by(numbered.c.id)).all()


def of_part(session: Session, begin: int) -> Sequence[Row[int, datetime]]:
    """(story, when its last comment was written) from the story `begin` on. One statement."""
    last = (
        select(Comment.created_at)
        .where(Comment.story_id == Story.id, IS_PUBLISHED)
        .order_by(Comment.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    listed = select(Story.id, last).where(Story.comment_count > 0, Story.id >= begin)
    return session.execute(listed.order_by(Story.id).limit(MOST)).all()
