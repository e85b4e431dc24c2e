"""Moderators pick and pin at the same moment while others take comments down: the counts are those of the rows."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment, Story
from app.models.comment import PUBLISHED, REMOVED
from app.models.role import MODERATOR
from app.moderation.picks import MOST_PICKS
from app.stories import publication
from tests.support import factories
from tests.support.callers import Headers
from tests.support.together import at_once

MORE = 6


def test_a_story_has_as_many_picks_as_it_counts(
    app: Flask, database: Database, bearer: Callable[[Account], Headers]
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        comments = [factories.comment(session, story, factories.account(session)) for _ in range(MOST_PICKS + MORE)]
        headers = bearer(factories.staff(session, MODERATOR, at=site))

    def act(number: int) -> int:
        comment = comments[number % len(comments)]
        if number >= len(comments) and number % 2:
            with database.transaction() as session:
                found = session.get_one(Comment, comment.id, with_for_update=True)
                publication.set_state(session, found, REMOVED)
            return 204
        how = "pick" if number < len(comments) else "pin"
        return app.test_client().put(f"/api/v1/comments/{comment.id}/{how}", headers=headers).status_code

    assert set(at_once(act, len(comments) + MORE)) <= {204, 404, 409}
    with database.reading() as session:
        kept = session.get_one(Story, story.id)
        picked = session.scalar(select(func.count()).where(Comment.picked, Comment.state == PUBLISHED))
        assert kept.pick_count == picked == session.scalar(select(func.count()).where(Comment.picked))
        assert picked <= MOST_PICKS
        assert kept.pinned_id is None or session.get_one(Comment, kept.pinned_id).state == PUBLISHED
