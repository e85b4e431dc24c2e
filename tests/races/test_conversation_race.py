"""Many readers write into one conversation at once: every comment has a place of its own, and all counts are right."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.comment import DELETED, PUBLISHED
from tests.support import factories
from tests.support.callers import Headers
from tests.support.together import at_once

READERS = 12


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session)


@pytest.fixture
def readers(database: Database, site: Site) -> list[Account]:
    with database.transaction() as session:
        return [factories.subscriber(session) for _ in range(READERS)]


def assert_counts_are_right(database: Database) -> None:
    with database.reading() as session:
        comments = session.scalars(select(Comment)).all()
        for story in session.scalars(select(Story)):
            own = [c for c in comments if c.story_id == story.id and c.state == PUBLISHED]
            assert story.comment_count == len(own)
        for comment in comments:
            replies = [c for c in comments if c.parent_id == comment.id and c.state == PUBLISHED]
            assert comment.reply_count == len(replies)
            below = [c for c in comments if c.root_id == comment.id != c.id and c.state == PUBLISHED]
            assert comment.conversation_count == len(below)


def test_replies_at_every_depth_at_once(
    app: Flask, database: Database, site: Site, readers: list[Account], bearer: Callable[[Account], Headers]
) -> None:
    with database.transaction() as session:
        story = factories.story(session, site)
        root = factories.comment(session, story, readers[0], "A root.")
        child = factories.comment(session, story, readers[1], "A child.", parent=root)
        grandchild = factories.comment(session, story, readers[2], "A grandchild.", parent=child)
    path = f"/api/v1/stories/{story.key}/comments?site={site.key}"
    answered = [root, child, grandchild]

    def act(number: int) -> int:
        """Reader 2 takes the grandchild back; the others answer one of the three."""
        client, headers = app.test_client(), bearer(readers[number])
        if number == 2:
            return client.delete(f"/api/v1/comments/{grandchild.id}", headers=headers).status_code
        body: dict[str, Any] = {"text": f"Answer {number}.", "parent": str(answered[number % 3].id)}
        return client.post(path, json=body, headers=headers).status_code

    statuses = at_once(act, READERS)
    assert statuses[2] == 204
    assert set(statuses) <= {201, 204, 409}  # 409: the grandchild had gone by then
    assert_counts_are_right(database)
    with database.reading() as session:
        assert session.get_one(Comment, grandchild.id).state == DELETED
        positions = session.scalars(select(Comment.position).order_by(Comment.position)).all()
    assert positions == list(range(3 + statuses.count(201)))


def test_the_first_comments_of_a_story_make_it_once(
    app: Flask, database: Database, site: Site, readers: list[Account], bearer: Callable[[Account], Headers]
) -> None:
    naming = {"url": f"{site.origins[0]}/new", "title": "New"}

    def act(number: int) -> int:
        body = {"text": f"First {number}!", **naming}
        path = f"/api/v1/stories/new/comments?site={site.key}"
        return app.test_client().post(path, json=body, headers=bearer(readers[number])).status_code

    assert at_once(act, READERS) == [201] * READERS
    with database.reading() as session:
        assert session.scalar(select(func.count(Story.id))) == 1
    assert_counts_are_right(database)
