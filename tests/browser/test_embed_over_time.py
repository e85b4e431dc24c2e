"""What becomes of the element while the page of an article stays open: what changes around it, and what fails."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Comment, Site, Story
from app.models.story import OPEN
from tests.support import factories, tls
from tests.support.embedding import COMMENTS, OTHER, WWW, Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser
# how many listeners a page has added to itself and not taken away again
LISTENERS = """window.listeners = 0;
const add = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (name, act, options) {
  if (this === window || this === document) {
    listeners += 1;
    options?.signal?.addEventListener("abort", () => (listeners -= 1), { once: true });
  }
  return add.call(this, name, act, options);
};"""


@pytest.fixture
def page(embedding: Embedding) -> Iterator[Page]:
    page = embedding.open()
    yield page
    page.context.close()


def commented(embedding: Embedding, url: str, *texts: str, state: str = OPEN) -> list[Comment]:
    """Give the story of an article these comments, each by somebody else."""
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url), state=state)
        return [factories.comment(session, story, factories.account(session), text) for text in texts]


def written(embedding: Embedding, url: str) -> list[str]:
    """What stands in the database of the story of an article."""
    with embedding.newspaper.database.reading() as session:
        texts = select(Comment.text).join(Story, Story.id == Comment.story_id).where(Story.key == key_of(url))
        return list(session.scalars(texts.order_by(Comment.id)))


def test_an_element_that_is_gone_leaves_nothing_behind(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    page.add_init_script(LISTENERS)
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(1)
    page.evaluate("window.kept = document.querySelector('btl-comments')")
    for _ in range(3):
        before = page.evaluate("kept.remove(), listeners")
        page.evaluate("document.querySelector('main').append(kept)")
        expect(page.locator("article.comment")).to_have_count(1)
    assert page.evaluate("kept.remove(), listeners") == before


def test_another_story_takes_the_place_of_the_first(embedding: Embedding, page: Page) -> None:
    """The url that a comment is posted with is the page's of then, so it must not go to the story of before."""
    first, second = embedding.article(), embedding.article()
    commented(embedding, first, "On the first story.")
    commented(embedding, second, "On the second story.")
    page.goto(first)
    expect(page.locator("article.comment")).to_contain_text("On the first story.")
    page.evaluate("key => document.querySelector('btl-comments').setAttribute('story', key)", key_of(second))
    expect(page.locator("article.comment")).to_contain_text("On the second story.")
    expect(page.locator("article.comment")).to_have_count(1)


def test_an_image_of_the_page_cannot_say_where_we_live(embedding: Embedding, page: Page) -> None:
    """Papers let readers' or partners' HTML through that runs nothing, but may name an image."""
    url = embedding.article()
    key = key_of(url)
    commented(embedding, url, "A point of view.")
    html = (
        f'<!doctype html><title>A story</title><img name="currentScript" src="https://{OTHER}/x.png">'
        f'<script async src="https://{COMMENTS}/embed.js"></script><btl-comments story="{key}"></btl-comments>'
    )
    embedding.names.pages[WWW, f"/{key}"] = tls.Page(html, {})
    page.goto(url)
    expect(page.locator("article.comment")).to_contain_text("A point of view.")


def test_who_signs_in_in_another_tab_does_not_write_for_who_was_here(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    first, second = subscriber(embedding), subscriber(embedding)
    sign_in(page, first)
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("By the first of us.")
    other = page.context.new_page()
    other.goto(f"https://{COMMENTS}/")
    other.get_by_role("button", name="Sign out").click()
    sign_in(other, second)
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text(f"{second.name} is signed in in this browser now")).to_be_visible()
    assert written(embedding, url) == ["A point of view."]
    page.get_by_role("button", name=f"Go on as {second.name}").click()
    expect(page.get_by_text(f"You write as {second.name}")).to_be_visible()
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("article.comment").first).to_contain_text(str(second.name))


@pytest.mark.parametrize("first_look", [0, 100])
def test_who_only_reads_on_a_foreign_site_stays_signed_in(embedding: Embedding, page: Page, first_look: int) -> None:
    """An hour without a key or a scroll, however the moments of the clock and of the token lie."""
    url = embedding.article(OTHER)
    commented(embedding, url, "A point of view.")
    account = subscriber(embedding)
    sign_in(page, account)
    page.clock.install()
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(1)
    page.clock.run_for(first_look * 1000)
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in").click()
    opening.value.get_by_role("button", name="Continue as").click()
    page.get_by_text(f"You write as {account.name}").wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "embed/session" in request.url else None)
    for _ in range(13):
        page.clock.run_for(50_000)
        page.wait_for_timeout(50)
    assert "POST" in asked
