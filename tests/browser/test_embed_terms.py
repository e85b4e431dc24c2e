"""The terms of a story as its readers meet them under the article."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import clock
from app.models import Site, Story
from app.stories import terms
from app.stories.terms import Terms
from tests.support import factories
from tests.support.embedding import Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser


def publish(embedding: Embedding, url: str, said: Terms) -> None:
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        factories.comment(session, story, factories.account(session))
        terms.put(session.get_one(Story, story.id), said)


def test_the_papers_word_stands_before_the_place_to_write_in(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    publish(embedding, url, Terms(message="Please be <b>kind</b>."))
    sign_in(page, subscriber(embedding))
    page.goto(url)
    expect(page.get_by_text("Please be <b>kind</b>.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Join the conversation")).to_be_visible()


def test_out_of_hours_nobody_is_shown_a_place_to_write_in_and_everybody_when_there_is_one(
    embedding: Embedding, page: Page
) -> None:
    url = embedding.article()
    opens = clock.now() + timedelta(hours=2)
    publish(embedding, url, Terms(opens=opens.time(), closes=(opens + timedelta(hours=1)).time()))
    page.goto(url)
    expect(page.get_by_text("They are open again at")).to_be_visible()
    expect(page.get_by_role("button", name="Reply")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
