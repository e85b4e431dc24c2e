"""Writes the conversations of a site as JSON Lines that the importer reads: what everybody may read, and nothing else.

A comment that is held, withheld, removed or deleted is not in it; where somebody answered it, its place is, without
author and text. Mailboxes are only known by digests that no other installation could use, so none is in it either.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import IO, Any

import msgspec
from sqlalchemy import CTE, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import Database
from app.ids import text
from app.interchange.authors import PROVIDERS
from app.models import Account, Comment, Login, Story
from app.models.account import ACTIVE
from app.models.comment import DELETED, PUBLISHED
from app.stories.sites import SiteSnapshot


@dataclass
class Exported:
    """How many comments are in the file, how many places of others, and of the rest how many are in which state."""

    comments: int = 0
    places: int = 0
    left: Counter[str] = field(default_factory=Counter)


def export(database: Database, site: SiteSnapshot, file: IO[bytes], tell: Callable[[str, int, int], None]) -> Exported:
    """Write the comments of `site` to `file`, story by story, and each story as it is at one moment."""
    done = Exported()
    with database.reading() as session:
        found = session.execute(select(Story.key, Story.id).where(Story.site_id == site.id)).all()
    stories = sorted(map(tuple, found))  # in an order that two databases agree on
    for number, (_, story_id) in enumerate(stories):
        tell("Writing stories", number, len(stories))
        with database.reading() as session:
            for line, state in _lines(session, session.get_one(Story, story_id)):
                file.write(msgspec.json.encode(line) + b"\n")
                done.comments += state == PUBLISHED
                done.places += state != PUBLISHED
                done.left[state] -= 1
            states = select(Comment.state, func.count()).where(Comment.story_id == story_id).group_by(Comment.state)
            done.left.update(dict(session.execute(states).all()))
    done.left = +done.left
    return done


def _lines(session: Session, story: Story) -> Iterator[tuple[dict[str, Any], str]]:
    about = {"story": story.key, "url": story.url} | (
        {"title": story.title} if story.title not in ("", story.key) else {}
    )
    for row in session.execute(_shown(story.id).execution_options(yield_per=1000)):
        place = {"id": text(row.id), **about, "created_at": row.created_at.astimezone(UTC).isoformat()}
        if row.parent_id is not None:
            place["parent"] = text(row.parent_id)
        if row.state == PUBLISHED:
            yield place | {"author": row.name, "text": row.text}, row.state
        else:
            yield place | {"state": DELETED}, row.state


def _shown(story_id: int) -> Select[Any]:
    """What readers see of a story: published comments, and whatever they are below."""
    nameless = exists().where(Login.account_id == Account.id, Login.provider.startswith(PROVIDERS), Login.subject == "")
    name = case((Account.state == ACTIVE, Account.name)).label("name")
    answered = _answered(story_id)
    return (
        select(Comment.id, Comment.parent_id, Comment.state, Comment.text, Comment.created_at)
        .add_columns(case((~nameless, name)).label("name"))
        .join(Account, Account.id == Comment.account_id)
        .where(Comment.story_id == story_id)
        .where(or_(Comment.state == PUBLISHED, Comment.id.in_(select(answered.c.id))))
        .order_by(Comment.id)
    )


def _answered(story_id: int) -> CTE:
    answers = select(Comment.parent_id.label("id")).where(
        Comment.story_id == story_id, Comment.state == PUBLISHED, Comment.parent_id.is_not(None)
    )
    answered, above = answers.cte("answered", recursive=True), aliased(Comment)
    more = select(above.parent_id).join(answered, answered.c.id == above.id)
    return answered.union(more.where(above.state != PUBLISHED, above.parent_id.is_not(None)))
