"""The newspaper that is measured: a hot story, a quiet one, one that is written to, and readers who may write.

All of it is drawn with a fixed seed, and written in bulk with its counters as the application would have left them.
"""

import hashlib
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Account, Comment, Site, Story
from app.models.comment import PUBLISHED
from tests.support import factories

HOT, QUIET, WRITTEN = 5000, 50, 200
STORIES = 50
AUTHORS = 300
WRITERS = 400
REPLIES = 0.35  # of all comments; the first page of fifty roots then shows 70 to 80
WORDS = (
    "the council harbour bridge money years people think nobody asked about it with reason because paper says what we "
    "need **more** buses school roof rain again and why should they pay twice when it was promised in spring"
)


@dataclass(frozen=True)
class Newspaper:
    """What there is to ask for: stories, the keys of fifty, comments that can be answered, and who may write."""

    hot: Story
    quiet: Story
    written: Story
    keys: list[str]
    answerable: list[int]
    writers: list[Account]


def publish(database: Database, draw: random.Random) -> Newspaper:
    """Fill an empty, migrated `database` that has one site."""
    with database.transaction() as session:
        site = session.scalars(select(Site)).one()
        stories = [factories.story(session, site, f"story-{number:02}") for number in range(STORIES)]
        authors = [factories.account(session).id for _ in range(AUTHORS)]
        for story, size in zip(stories, (HOT, QUIET, WRITTEN), strict=False):
            _write_thread(session, story, authors, size, draw)
        writers = [factories.subscriber(session) for _ in range(WRITERS)]
        answerable = list(session.scalars(select(Comment.id).where(Comment.story_id == stories[2].id)))
    hot, quiet, written = stories[:3]
    return Newspaper(hot, quiet, written, [story.key for story in stories], answerable, writers)


def some_text(draw: random.Random) -> str:
    """A text as long as comments are: half of them under 200 characters."""
    return " ".join(draw.choices(WORDS.split(), k=1 + int(draw.lognormvariate(3.4, 0.8))))


def _write_thread(session: Session, story: Story, authors: list[int], size: int, draw: random.Random) -> None:
    rows: dict[int, dict[str, Any]] = {}
    began = clock.now() - timedelta(minutes=size)
    for minute in range(size):
        recent = list(rows.values())[-30:]
        parent = draw.choice(recent) if recent and draw.random() < REPLIES else None
        row = _row(story, draw.choice(authors), parent, some_text(draw)) | {"created_at": began}
        row["id"] = new_id(began + timedelta(minutes=minute))
        row["root_id"] = parent["root_id"] if parent else row["id"]
        if parent:
            root = rows[row["root_id"]]
            root["last_position"] += 1
            row["position"] = root["last_position"]
            parent["reply_count"] += 1
            root["conversation_count"] += 1
        rows[row["id"]] = row
    session.execute(insert(Comment), list(rows.values()))
    story.comment_count, story.revision = size, size


def _row(story: Story, author: int, parent: dict[str, Any] | None, text: str) -> dict[str, Any]:
    return {
        "site_id": story.site_id,
        "story_id": story.id,
        "account_id": author,
        "parent_id": parent["id"] if parent else None,
        "position": 0,
        "last_position": 0,
        "reply_count": 0,
        "conversation_count": 0,
        "depth": parent["depth"] + 1 if parent else 0,
        "text": text,
        "text_digest": hashlib.sha256(text.encode()).hexdigest(),
        "state": PUBLISHED,
    }
