"""The search for common ground waits for nobody, and what is sought no more leaves nothing behind."""

from collections.abc import Callable
from contextlib import nullcontext

from flask import Flask
from sqlalchemy import select

from app.common_ground import scores
from app.db import Database, find_locked
from app.models import Account, Comment, Reaction, Site, Story
from app.stories import publication
from tests.support import factories
from tests.support.callers import Headers
from tests.support.together import at_once

READERS = 6


def test_who_disagrees_while_it_ends_is_refused_or_forgotten(
    app: Flask, database: Database, bearer: Callable[[Account], Headers]
) -> None:
    with database.transaction() as session:
        site = factories.seek_common_ground(factories.site(session))
        comment = factories.comment(session, factories.story(session, site), factories.account(session))
        readers = [factories.subscriber(session) for _ in range(READERS)]

    def act(number: int) -> int:
        if number == READERS // 2:
            scores.forget(database, site.id)
            return 0
        url = f"/api/v1/comments/{comment.id}/disagreement"
        return app.test_client().put(url, headers=bearer(readers[number % READERS])).status_code

    assert set(at_once(act, READERS + 1)) <= {0, 204, 409}
    with database.reading() as session:
        assert session.scalars(select(Reaction)).all() == []
        assert not session.get_one(Site, site.id).seeks_common_ground


def test_a_comment_that_is_being_decided_on_keeps_its_score(database: Database) -> None:
    """On SQLite nobody can write beside another, so nobody does here."""
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        first, second = (factories.comment(session, story, factories.account(session)) for _ in range(2))
    with nullcontext() if database.is_sqlite else database.transaction() as deciding:
        if deciding is not None:
            assert find_locked(deciding, Comment, Comment.id == first.id)
        with database.transaction() as session:
            publication.set_common_ground(session, story.id, {first.id: 20, second.id: 30})
    with database.reading() as session:
        found = [session.get_one(Comment, each.id).common_ground for each in (first, second)]
        count = session.get_one(Story, story.id).common_ground_count
    assert (found, count) == (([20, 30], 2) if database.is_sqlite else ([0, 30], 1))
