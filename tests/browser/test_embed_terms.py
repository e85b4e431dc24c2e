"""The terms of a story as its readers meet them under the article."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import clock
from app.models import Site, Story
from app.models.story import CLOSED
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
    url, ends = embedding.article(), clock.now() + timedelta(hours=2)
    publish(embedding, url, Terms(message="Please be <b>kind</b>.", slow_seconds=3600, closes_at=ends))
    sign_in(page, subscriber(embedding))
    page.clock.install()
    page.goto(url)
    expect(page.get_by_text("Please be <b>kind</b>.")).to_be_visible()
    box = page.get_by_role("textbox", name="Join the conversation")
    for text in ("How kind of you.", "And of you, too."):
        box.fill(text)
        page.get_by_role("button", name="Post comment").click()
        expect(page.locator("article.comment", has_text="How kind of you.")).to_be_visible()
    # how long to wait is said once
    expect(page.get_by_role("alert").filter(has_text="Please")).to_have_text(
        re.compile(r"^[^.]+\. Please go on in [^.]+\.$")
    )
    hour_comes(embedding, page, url, Terms(state=CLOSED))
    expect(page.get_by_text("The conversation on this story has ended")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("And of you, too.")


def hour_comes(embedding: Embedding, page: Page, url: str, then: Terms) -> None:
    """The page's clock goes on over the hour at which its story opens or closes; the story has these terms by then."""
    with embedding.newspaper.database.transaction() as session:
        terms.put(session.scalars(select(Story).where(Story.key == key_of(url))).one(), then)
    page.clock.fast_forward("02:01:00")
    page.clock.run_for(31_000)


def test_out_of_hours_nobody_is_shown_a_place_to_write_in_and_everybody_when_there_is_one(
    embedding: Embedding, page: Page
) -> None:
    url = embedding.article()
    opens = clock.now() + timedelta(hours=2)
    publish(embedding, url, Terms(opens=opens.time(), closes=(opens + timedelta(hours=1)).time()))
    page.clock.install()
    page.goto(url)
    expect(page.get_by_text("They are open again at")).to_be_visible()
    expect(page.get_by_role("button", name="Reply")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    hour_comes(embedding, page, url, Terms())
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button", name="Reply")).to_be_visible()
