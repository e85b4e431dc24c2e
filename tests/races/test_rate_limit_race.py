"""A hundred posts at once by one author: never more than the limit come through, and no answer is an error."""

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment, Revision, Story
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Headers
from tests.support.together import at_once

AT_ONCE = 100


@pytest.fixture
def post_at_once(
    app: Flask, database: Database, bearer: Callable[[Account], Headers]
) -> Callable[[list[str]], Counter[int]]:
    """Post each of some texts in a thread of its own, all by one subscriber; counts the answers by status."""
    with database.transaction() as session:
        site = factories.site(session)
        story, author = factories.story(session, site), factories.subscriber(session)
    path, headers = f"/api/v1/stories/{story.key}/comments?site={site.key}", bearer(author)

    def run(texts: list[str]) -> Counter[int]:
        def post(number: int) -> int:
            return app.test_client().post(path, json={"text": texts[number]}, headers=headers).status_code

        return Counter(at_once(post, len(texts)))

    return run


def test_no_burst_gets_past_the_limit(
    database: Database, house: HouseRules, post_at_once: Callable[[list[str]], Counter[int]]
) -> None:
    limit = house.at({}).limits.posts_per_minute
    assert post_at_once([f"Thought {number}" for number in range(AT_ONCE)]) == {201: limit, 429: AT_ONCE - limit}
    with database.reading() as session:
        story = session.scalars(select(Story)).one()
        assert session.scalar(select(func.count(Comment.id))) == story.comment_count == limit
        assert session.scalar(select(func.count()).select_from(Revision)) == limit


def test_of_the_same_comment_sent_many_times_at_once_one_is_posted(
    database: Database, post_at_once: Callable[[list[str]], Counter[int]]
) -> None:
    assert post_at_once(["Buy now"] * 20) == {201: 1, 409: 19}
    with database.reading() as session:
        assert session.scalar(select(func.count(Comment.id))) == 1
