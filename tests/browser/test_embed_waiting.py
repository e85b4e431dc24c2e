"""Where a reply that waits for a moderator stands for its author: below what it answers, or with a way there."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.models import Account, Comment, Site, Story
from app.models.comment import HELD
from app.models.story import PREMODERATED
from tests.support import factories
from tests.support.embedding import Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser


def premoderated(embedding: Embedding, url: str, others: int) -> list[Comment]:
    """A story of which moderators read all comments first, with so many of them."""
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url), state=PREMODERATED)
        return [factories.comment(session, story, factories.account(session)) for _ in range(others)]


def held(embedding: Embedding, account: Account, parent: Comment) -> None:
    """A reply of theirs that waits."""
    with embedding.newspaper.database.transaction() as session:
        story, author = session.get_one(Story, parent.story_id), session.get_one(Account, account.id)
        factories.comment(
            session, story, author, "What I say to it.", parent=session.get_one(Comment, parent.id), state=HELD
        )


def below(page: Page, comment: Comment) -> Locator:
    """The reply that waits, below a comment."""
    return page.locator(f"#c{comment.id} .replies").get_by_role("article", name="Your comment")


def test_it_stands_below_what_it_answers_and_its_author_there(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    *_, answered, _last = premoderated(embedding, url, 9)
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_text("You write as").wait_for()
    comment = page.locator(f"#c{answered.id}")
    comment.get_by_role("button", name="Reply to").click()
    comment.get_by_role("textbox").fill("What I say to it.")
    comment.get_by_role("button", name="Post reply").click()
    expect(below(page, answered)).to_be_focused()
    expect(below(page, answered)).to_be_in_viewport()
    expect(page.get_by_text("Only you see this")).to_have_count(1)
    page.get_by_role("button", name="Oldest").click()
    expect(page.get_by_role("button", name="Oldest")).to_have_attribute("aria-pressed", "true")
    expect(below(page, answered)).to_be_visible()
    page.reload()
    expect(below(page, answered)).to_be_visible()
    expect(page.get_by_text("Only you see this")).to_have_count(1)


def test_what_it_answers_is_unfolded_around_it(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    (answered,) = premoderated(embedding, url, 1)
    with embedding.newspaper.database.transaction() as session:
        story = session.get_one(Story, answered.story_id)
        for _ in range(3):
            factories.comment(session, story, factories.account(session), parent=session.get_one(Comment, answered.id))
    reader = subscriber(embedding)
    held(embedding, reader, answered)
    sign_in(page, reader)
    page.goto(url)
    expect(below(page, answered)).to_be_visible()
    expect(page.get_by_role("button", name="Hide the replies")).to_be_visible()


def test_it_leads_to_what_it_answers_until_that_has_come(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    answered, *_ = premoderated(embedding, url, 55)
    reader = subscriber(embedding)
    held(embedding, reader, answered)
    sign_in(page, reader)
    page.goto(url)
    waiting = page.get_by_role("article", name="Your comment")
    link = waiting.get_by_role("link", name="In reply to this comment")
    expect(link).to_have_attribute("href", f"{url}#comment-{answered.id}")
    page.get_by_role("button", name="More comments").click()
    expect(below(page, answered)).to_be_visible()
    expect(link).to_be_hidden()
    expect(waiting).to_have_count(1)


def test_an_edit_that_waits_is_where_its_author_goes_on(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    premoderated(embedding, url, 3)
    reader = subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story = session.scalars(select(Story).where(Story.key == key_of(url))).one()
        factories.comment(session, story, session.get_one(Account, reader.id), "What I meant.")
    sign_in(page, reader)
    page.goto(url)
    page.get_by_role("button", name="Edit your comment").click()
    page.get_by_role("textbox", name="Your comment").fill("What I meant to say.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("article", name="Your comment")).to_be_focused()
