"""How many published comments stories have: kept in their rows, so that asking for a hundred is one statement."""

from collections.abc import Sequence

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from app.models import Comment, Story
from app.models.comment import IS_PUBLISHED

MOST_KEYS = 100
# of so many in one story nobody needs to know how many more there are
MOST_NEW = 100


def of(session: Session, site_id: int, keys: Sequence[str]) -> dict[str, int]:
    """{key: published comments} for each of `keys`; 0 for a story that nobody has commented on."""
    found = session.execute(select(Story.key, Story.comment_count).where(Story.site_id == site_id, Story.key.in_(keys)))
    return dict.fromkeys(keys, 0) | {row.key: row.comment_count for row in found}


def new(session: Session, site_id: int, keys: Sequence[str], since: int) -> dict[str, int]:
    """{key: published comments that are younger than the one of the id `since`, MOST_NEW at most} for each of `keys`.

    What goes meanwhile does not count against them, as it would in the difference of two counts.
    """
    younger = Comment.story_id == Story.id, IS_PUBLISHED, Comment.id > since
    few = select(literal(1)).where(*younger).limit(MOST_NEW).correlate(Story).subquery()
    number = select(func.count()).select_from(few).scalar_subquery()
    found = session.execute(
        select(Story.key, number.label("number")).where(Story.site_id == site_id, Story.key.in_(keys))
    )
    return dict.fromkeys(keys, 0) | {row.key: row.number for row in found}
