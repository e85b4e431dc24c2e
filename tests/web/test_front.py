"""GET /: the newest stories, with the number of their comments in words that agree with it."""

import re

import pytest
from flask.testing import FlaskClient

from app.db import Database
from tests.support import factories


@pytest.mark.parametrize(("comments", "words"), [(0, "0 comments"), (1, "1 comment"), (2, "2 comments")])
def test_a_story_says_how_many_comments_it_has(
    client: FlaskClient, database: Database, comments: int, words: str
) -> None:
    with database.transaction() as session:
        story, author = factories.story(session, factories.site(session)), factories.account(session)
        for _ in range(comments):
            factories.comment(session, story, author)
    page = client.get("/").text
    assert story.title in page
    assert re.search(rf"\b{words}\b", re.sub(r"<[^>]*>", "", page))
