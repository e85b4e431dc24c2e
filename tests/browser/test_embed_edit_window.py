"""How long one's own comment can still be changed, as its author sees it run out in the element."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Site
from tests.support import factories
from tests.support.embedding import Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser


@pytest.fixture
def author(embedding: Embedding, page: Page) -> Page:
    """Somebody who has just written, on a page whose clock obeys the test."""
    url, reader = embedding.article(), subscriber(embedding)
    sign_in(page, reader)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        factories.comment(session, story, session.get_one(Account, reader.id), "What I meant.")
    page.clock.install()
    page.goto(url)
    return page


def test_the_time_that_is_left_stands_in_the_button(author: Page) -> None:
    edit = author.get_by_role("button", name="Edit your comment, 15 minutes left")
    expect(edit).to_have_text("Edit· 15 minutes left")
    author.clock.run_for("13:30")
    expect(author.get_by_role("button", name="Edit your comment, 2 minutes left")).to_be_visible()
    author.get_by_role("button", name="Edit your comment").click()
    box = author.get_by_role("textbox", name="Your comment")
    expect(box).to_have_accessible_description(
        "*Emphasis*, **strong**, > quotes and - lists are understood. @name tells somebody who has written here."
    )


def test_the_button_goes_when_the_time_is_over_and_leaves_the_focus_beside_it(author: Page) -> None:
    author.get_by_role("button", name="Edit your comment").focus()
    author.clock.run_for("15:10")
    expect(author.get_by_role("button", name="Edit your comment")).to_have_count(0)
    expect(author.get_by_role("button", name="Delete your comment")).to_be_focused()


def test_what_is_being_typed_then_stays(author: Page) -> None:
    author.get_by_role("button", name="Edit your comment").click()
    author.get_by_role("textbox", name="Your comment").fill("What I meant to say.")
    author.clock.run_for("15:10")
    expect(author.get_by_role("button", name="Edit your comment")).to_have_count(0)
    expect(author.get_by_role("textbox", name="Your comment")).to_have_value("What I meant to say.")
