"""How many published comments stories have: kept in their rows, so that asking for a hundred is one statement."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Story

MOST_KEYS = 100


def of(session: Session, site_id: int, keys: Sequence[str]) -> dict[str, int]:
    """{key: published comments} for each of `keys`; 0 for a story that nobody has commented on."""
    found = session.execute(select(Story.key, Story.comment_count).where(Story.site_id == site_id, Story.key.in_(keys)))
    return dict.fromkeys(keys, 0) | {row.key: row.comment_count for row in found}
