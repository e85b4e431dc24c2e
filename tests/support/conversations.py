"""Whole conversations at once: rows as posting would have left them, made fast enough for thousands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.ids import new_id
from app.models import Account, Comment, Story
from app.models.comment import PUBLISHED

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
_plantings = count()


@dataclass(frozen=True)
class Sketch:
    """A comment to be: `parent` is the index of the one it answers."""

    parent: int | None = None
    state: str = PUBLISHED
    respects: int = 0
    common_ground: int = 0


@dataclass
class Planted:
    """A comment that was, as a test needs to know it."""

    id: int
    parent_id: int | None
    root_id: int
    position: int
    depth: int
    state: str
    respect_count: int
    common_ground: int
    last_position: int = 0
    reply_count: int = 0
    conversation_count: int = 0


def plant(
    session: Session,
    story: Story,
    authors: Sequence[Account],
    sketches: Sequence[Sketch],
    began: datetime | None = None,
) -> list[Planted]:
    """Insert comments by `authors` in turn, one second after another, with all counters right."""
    # each on a day of its own: a hundred examples that share their milliseconds would come to share an id
    began = began or BEGAN - timedelta(days=next(_plantings))
    planted: list[Planted] = []
    by_id: dict[int, Planted] = {}
    for number, sketch in enumerate(sketches):
        made_id = new_id(began + timedelta(seconds=number))
        parent = None if sketch.parent is None else planted[sketch.parent]
        comment = Planted(made_id, None, made_id, 0, 0, sketch.state, sketch.respects, sketch.common_ground)
        if parent is not None:
            root = by_id[parent.root_id]
            root.last_position += 1
            parent.reply_count += sketch.state == PUBLISHED
            root.conversation_count += sketch.state == PUBLISHED
            comment.parent_id, comment.root_id = parent.id, root.id
            comment.position, comment.depth = root.last_position, parent.depth + 1
        planted.append(comment)
        by_id[made_id] = comment
    rows = [
        {
            **vars(comment),
            "site_id": story.site_id,
            "story_id": story.id,
            "account_id": authors[number % len(authors)].id,
            "text": f"text {number}",
            "text_digest": "",
            "created_at": began + timedelta(seconds=number),
        }
        for number, comment in enumerate(planted)
    ]
    if rows:
        session.execute(insert(Comment), rows)
    published = sum(comment.state == PUBLISHED for comment in planted)
    session.execute(update(Story).where(Story.id == story.id).values(comment_count=published))
    return planted
