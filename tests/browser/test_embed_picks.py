"""What moderators put forward, as readers meet it under the article."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Site
from app.stories import publication
from tests.support import factories
from tests.support.embedding import Embedding, key_of

pytestmark = pytest.mark.browser


def test_the_pinned_one_stands_first_and_picks_can_be_read_alone(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        texts = [f"The {number}th point of view." for number in range(4)]
        comments = [factories.comment(session, story, factories.account(session), text) for text in texts]
        reply = factories.comment(session, story, factories.account(session), "A good answer.", parent=comments[0])
        for picked in (comments[1], reply):
            publication.pick(session, picked, 10)
        publication.pin(session, comments[0])
    page.goto(url)
    first = page.locator("article.comment").first
    expect(first).to_contain_text("The 0th point of view.")
    expect(first.get_by_text("Pinned", exact=True)).to_have_count(1)
    expect(page.get_by_text("Editor’s pick", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Editor’s picks").click()
    expect(page.locator("article.comment")).to_have_count(2)
    expect(page.locator(".words")).to_have_text(["A good answer.", "The 1th point of view."])
    page.get_by_role("link", name="In reply to").click()
    expect(page.locator(f"#c{comments[0].id}")).to_be_focused()
    page.get_by_role("button", name="All 5 comments").click()
    expect(page.get_by_role("button", name="Editor’s picks")).to_have_attribute("aria-pressed", "true")


def test_picks_are_offered_only_where_there_are_any(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        picked = factories.comment(session, story, factories.account(session), "A point of view.")
        publication.pick(session, picked, 10)
    page.goto(url)
    page.get_by_role("button", name="Editor’s picks").wait_for()
    with embedding.newspaper.database.transaction() as session:
        publication.unpick(session, session.merge(picked))
    page.get_by_role("button", name="Editor’s picks").click()
    expect(page.get_by_text("No comment is picked any more.")).to_be_visible()
    page.get_by_role("button", name="Newest").click()
    expect(page.locator("article.comment")).to_have_count(1)
    expect(page.get_by_role("button", name="Editor’s picks")).to_have_count(0)
