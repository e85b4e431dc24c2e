"""What becomes of the element while the page of an article stays open: what changes around it, and what fails."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Comment, Site
from app.models.story import OPEN
from tests.support import factories, tls
from tests.support.embedding import COMMENTS, OTHER, WWW, Embedding, key_of

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
