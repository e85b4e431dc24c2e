"""The bell and the following of a story, under the article."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Comment, Follow, Notification, Site, Story
from tests.support import factories
from tests.support.embedding import Embedding, key_of, sign_in, subscriber
from tests.support.stripe_world import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def ada(embedding: Embedding, page: Page) -> Account:
    account = subscriber(embedding)
    sign_in(page, account)
    return account


def conversation(embedding: Embedding, url: str, ada: Account, *, replies: int) -> Comment:
    """Ada has written on the story of an article, and others have answered her."""
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        comment = factories.comment(session, story, ada, "What does the harbour cost?")
        for number in range(replies):
            factories.comment(session, story, factories.account(session), f"Answer {number}.", parent=comment)
    return comment


def hear(embedding: Embedding, account: Account, *, often: int) -> None:
    """Wait until the worker has told an account so often; what other tests have left it to do comes first."""

    def told() -> int:
        with embedding.newspaper.database.reading() as session:
            return session.query(Notification).filter(Notification.account_id == account.id).count()

    eventually(lambda: told() == often, seconds=120)


def test_who_was_answered_hears_of_it_under_another_story(embedding: Embedding, page: Page, ada: Account) -> None:
    comment = conversation(embedding, embedding.article(), ada, replies=2)
    hear(embedding, ada, often=2)
    page.goto(embedding.article())
    bell = page.get_by_role("button", name="Notifications, 2 new")
    # what comes meanwhile is not read: no more is than what is shown
    with page.expect_request(lambda asked: "up_to" in (asked.post_data or "")) as marked:
        bell.click()
    items = page.locator(".told li")
    expect(items).to_have_count(2)
    expect(items.first).to_contain_text("has answered you on")
    with page.expect_popup() as opened:
        items.first.get_by_role("link").click()
    opened.value.wait_for_load_state()
    assert "/comments/" in opened.value.url
    expect(opened.value.get_by_text("What does the harbour cost?")).to_be_visible()
    expect(page.get_by_role("button", name="Notifications", exact=True)).to_be_visible()
    with embedding.newspaper.database.reading() as session:
        mine = session.query(Notification).filter(Notification.account_id == comment.account_id).all()
        assert all(notification.read_at is not None for notification in mine)
        assert marked.value.post_data_json == {"up_to": str(max(notification.id for notification in mine))}


def test_who_has_the_answers_before_them_has_read_them(embedding: Embedding, page: Page, ada: Account) -> None:
    url = embedding.article()
    asked = conversation(embedding, url, ada, replies=1)
    hear(embedding, ada, often=1)
    page.goto(embedding.article())
    bell = page.get_by_role("button", name="Notifications", exact=True)
    expect(page.get_by_role("button", name="Notifications, 1 new")).to_be_visible()
    with page.expect_response("**/api/v1/notifications/read*"):
        page.goto(url)
    page.reload()
    expect(bell).to_be_visible()
    page.get_by_role("button", name="Reply to").last.click()
    page.get_by_role("textbox", name="Your reply").fill("What I have to say to it.")
    # while the page stays open
    with embedding.newspaper.database.transaction() as session:
        story = session.get_one(Story, asked.story_id)
        factories.comment(session, story, factories.account(session), "And another.", parent=asked)
    hear(embedding, ada, often=2)
    page.get_by_role("button", name="Oldest").focus()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("button", name="Notifications, 1 new")).to_be_visible()
    page.evaluate("document.querySelector('btl-comments').look()")
    with page.expect_response("**/api/v1/notifications/read*"):
        page.get_by_role("button", name="Show 1 new comment").click()
    expect(page.get_by_role("article").filter(has_text="And another.").last).to_be_visible()
    expect(page.get_by_role("textbox", name="Your reply")).to_have_value("What I have to say to it.")
    page.goto(embedding.article())
    expect(bell).to_be_visible()


def test_what_is_folded_away_is_new_until_it_is_opened(embedding: Embedding, page: Page, ada: Account) -> None:
    url = embedding.article()
    conversation(embedding, url, ada, replies=3)
    hear(embedding, ada, often=3)
    with page.expect_response("**/api/v1/notifications/read*") as marked:
        page.goto(url)
    assert marked.value.json() == {"unread": 3}
    with page.expect_response("**/api/v1/notifications/read*") as marked:
        page.get_by_role("button", name="Show 3 replies").click()
    assert marked.value.json() == {"unread": 0}


def test_a_story_is_followed_muted_and_neither(embedding: Embedding, page: Page, ada: Account) -> None:
    url = embedding.article()
    conversation(embedding, url, ada, replies=0)

    def state() -> list[str]:
        with embedding.newspaper.database.reading() as session:
            return [follow.state for follow in session.query(Follow).filter(Follow.account_id == ada.id)]

    page.goto(url)
    page.get_by_role("button", name="Follow story").click()
    expect(page.get_by_role("button", name="Follow no more")).to_be_focused()
    assert state() == ["followed"]
    page.get_by_role("button", name="Follow no more").click()
    page.get_by_role("button", name="Mute story").click()
    expect(page.get_by_role("button", name="Hear of this story again")).to_be_focused()
    assert state() == ["muted"]


def test_who_is_not_signed_in_is_asked_to_when_they_follow(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    conversation(embedding, url, subscriber(embedding), replies=0)
    page.goto(url)
    expect(page.get_by_role("button", name="Notifications")).to_have_count(0)
    with page.expect_popup() as window:
        page.get_by_role("button", name="Follow story").click()
    assert "/embed/window" in window.value.url
