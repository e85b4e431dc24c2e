"""A comment's own address under the article: the element leads to it, wherever it stands, and back to all comments."""

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.accounts import mutes
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.comment import HELD, REMOVED
from app.stories import publication
from tests.support import factories, tls
from tests.support.embedding import COMMENTS, WWW, Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => { for (const e of list.getEntries()) shifts.push(e.value) })
  .observe({ type: "layout-shift", buffered: true })"""
IN_SIGHT = """(id) => { const at = document.querySelector('btl-comments').shadowRoot.getElementById(id)
  .getBoundingClientRect(); return at.top >= 0 && at.top < innerHeight }"""
LONG = 80


@pytest.fixture
def url(embedding: Embedding) -> str:
    return embedding.article(paragraphs=60)


@pytest.fixture
def chain(embedding: Embedding, url: str) -> list[Comment]:
    """The oldest conversation of a long story, each comment an answer to the one before."""
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        found: list[Comment] = []
        for number in range(12):
            author = factories.account(session)
            parent = found[-1] if found else None
            found.append(factories.comment(session, story, author, f"The {number}th answer.", parent=parent))
        for number in range(LONG):
            factories.comment(session, story, factories.account(session), f"The {number}th point of view.")
        return found


def here(url: str, comment: Comment) -> str:
    return f"{url}#comment-{comment.id}"


def take_down(database: Database, comment: Comment) -> None:
    with database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, comment.id), REMOVED)


def test_the_article_leads_to_the_comment_in_its_conversation(page: Page, url: str, chain: list[Comment]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.add_init_script(SHIFTS)
    page.goto(here(url, chain[9]))
    called = page.locator(f"#c{chain[9].id}")
    expect(called).to_be_focused()
    expect(called).to_contain_text("The 9th answer.")
    expect(called).to_have_attribute("aria-current", "true")
    assert page.evaluate(IN_SIGHT, f"c{chain[9].id}")
    texts = page.locator(".words").all_inner_texts()
    assert texts[0] == "The 0th answer."
    assert {"The 8th answer.", "The 9th answer.", "The 10th answer."} <= set(texts)
    page.wait_for_timeout(300)
    assert page.evaluate("shifts") == []
    assert len(asked) == 3
    # where colours are forced no background and no shadow is seen
    page.emulate_media(forced_colors="active")
    for look in ("focus", "blur"):
        outline = called.evaluate(f"it => {{ it.{look}(); return getComputedStyle(it).outline }}")
        assert "solid 2px" in outline
        assert "rgba(0, 0, 0, 0)" not in outline


def test_a_way_leads_back_to_all_comments(page: Page, url: str, chain: list[Comment]) -> None:
    page.goto(here(url, chain[3]))
    expect(page.locator(f"#c{chain[3].id}")).to_be_focused()
    page.get_by_role("button", name=f"All {LONG + 12} comments").click()
    expect(page.get_by_text(f"The {LONG - 1}th point of view.")).to_be_visible()
    expect(page.get_by_role("button", name="Newest")).to_be_focused()
    assert page.url == url


def test_the_time_of_a_comment_is_its_address(page: Page, url: str, chain: list[Comment]) -> None:
    page.goto(here(url, chain[0]))
    expect(page.locator(f"#c{chain[0].id}")).to_be_focused()
    page.locator(f"#c{chain[4].id} > header .when").click()
    expect(page.locator(f"#c{chain[4].id}")).to_be_focused()
    assert page.url == here(url, chain[4])
    page.get_by_role("link", name="From its beginning").click()
    expect(page.locator(f"#c{chain[0].id}")).to_be_focused()
    page.go_back()
    expect(page.locator(f"#c{chain[4].id}")).to_be_focused()


def test_an_address_that_changes_later_is_followed(page: Page, url: str, chain: list[Comment]) -> None:
    page.goto(url)
    page.evaluate("location.hash = 'a-place-of-the-article'")
    page.wait_for_timeout(200)
    assert page.locator("article.comment").count() == 0
    page.evaluate("id => { location.hash = `comment-${id}` }", str(chain[2].id))
    expect(page.locator(f"#c{chain[2].id}")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("button", name="Newest")).to_be_visible()
    assert page.url.endswith("#a-place-of-the-article")


def test_who_replies_to_it_stays_in_the_conversation(
    embedding: Embedding, page: Page, url: str, chain: list[Comment]
) -> None:
    sign_in(page, subscriber(embedding))
    page.goto(here(url, chain[11]))
    page.get_by_text("You write as").wait_for()
    called = page.locator(f"#c{chain[11].id}")
    called.get_by_role("button", name="Reply to").first.click()
    page.get_by_role("textbox", name="Your reply").fill("What I have to say to it.")
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator("article.comment.new")).to_contain_text("What I have to say to it.")
    expect(page.get_by_role("button", name=f"All {LONG + 13} comments")).to_be_visible()


@pytest.mark.parametrize("why", ["removed", "never was", "of another story", "too large"])
def test_what_cannot_be_read_is_said_to_be_so(
    embedding: Embedding, page: Page, url: str, chain: list[Comment], why: str
) -> None:
    numbers = {"never was": "17", "too large": "9999999999999999999"}
    with embedding.newspaper.database.transaction() as session:
        other = factories.story(session, session.scalars(select(Site)).one())
        numbers["of another story"] = str(factories.comment(session, other, factories.account(session)).id)
    numbers["removed"] = str(chain[11].id)
    take_down(embedding.newspaper.database, chain[11])
    page.goto(f"{url}#comment-{numbers[why]}")
    expect(page.get_by_text("The comment that you came for is not to be read")).to_be_focused()
    expect(page.get_by_text(f"The {LONG - 1}th point of view.")).to_be_visible()


def test_a_tombstone_has_its_place(embedding: Embedding, page: Page, url: str, chain: list[Comment]) -> None:
    take_down(embedding.newspaper.database, chain[4])
    page.goto(here(url, chain[4]))
    expect(page.locator(f"#c{chain[4].id}")).to_be_focused()
    expect(page.locator(f"#c{chain[4].id}")).to_contain_text("Removed by a moderator")


def test_ones_own_comment_that_waits_is_found(embedding: Embedding, page: Page, url: str, chain: list[Comment]) -> None:
    account = subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story, reader = session.get_one(Story, chain[0].story_id), session.get_one(Account, account.id)
        mine = factories.comment(session, story, reader, state=HELD)
    sign_in(page, account)
    page.goto(here(url, mine))
    expect(page.locator(f"#w{mine.id}")).to_be_focused()
    expect(page.get_by_text("The comment that you came for")).to_have_count(0)


def test_a_place_of_the_page_itself_is_none_of_ours(embedding: Embedding, page: Page) -> None:
    """Other systems name their comments so, too."""
    url = embedding.article()
    key = key_of(url)
    html = (
        f'<!doctype html><title>A story</title><p id="comment-17">Of old.</p>'
        f'<script async src="https://{COMMENTS}/embed.js"></script><btl-comments story="{key}"></btl-comments>'
    )
    embedding.names.pages[WWW, f"/{key}"] = tls.Page(html, {})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}#comment-17")
    expect(page.get_by_text("Nobody has written yet.")).to_be_visible()
    assert not [each for each in asked if "/api/v1/comments/" in each]


def test_beside_another_element_only_the_one_with_the_comment_turns_to_it(
    embedding: Embedding, page: Page, url: str, chain: list[Comment]
) -> None:
    key = key_of(url)
    # which may be inside a component of the page
    inside = f'<div><template shadowrootmode="open"><btl-comments story="{key}"></btl-comments></template></div>'
    tags = f'<btl-comments story="{key}-other"></btl-comments>{inside}'
    html = f'<!doctype html><title>Two</title><script async src="https://{COMMENTS}/embed.js"></script>{tags}'
    embedding.names.pages[WWW, "/two"] = tls.Page(html, {})
    page.goto(f"https://{WWW}/two#comment-{chain[5].id}")
    expect(page.locator(f"#c{chain[5].id}")).to_be_focused()
    expect(page.get_by_text("Nobody has written yet.")).to_be_visible()
    expect(page.get_by_text("The comment that you came for")).to_have_count(0)


def test_the_comment_that_was_named_last_is_shown(page: Page, url: str, chain: list[Comment]) -> None:
    """The answer about the one before may come later."""
    page.goto(here(url, chain[0]))
    expect(page.locator(f"#c{chain[0].id}")).to_be_focused()
    late: list[Route] = []
    page.route(f"**/comments/{chain[9].id}**", lambda route: late.append(route))
    for comment in (chain[9], chain[2]):
        page.evaluate("id => { location.hash = `comment-${id}` }", str(comment.id))
        page.wait_for_timeout(200)
    expect(page.locator(f"#c{chain[2].id}")).to_be_focused()
    late[0].continue_()
    page.wait_for_timeout(500)
    expect(page.locator("article.called")).to_have_id(f"c{chain[2].id}")


def test_a_failure_is_said_and_can_be_tried_again(page: Page, url: str, chain: list[Comment]) -> None:
    page.route("**/api/v1/comments/**", lambda route: route.abort())
    page.goto(here(url, chain[4]))
    page.get_by_role("button", name="Try again").wait_for()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(f"#c{chain[4].id}")).to_be_focused()


def test_one_by_somebody_muted_is_led_to_and_stays_folded(
    embedding: Embedding, page: Page, url: str, chain: list[Comment]
) -> None:
    account = subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        mutes.mute(session, account.id, chain[5].account_id)
    sign_in(page, account)
    page.goto(here(url, chain[5]))
    expect(page.locator(f"#c{chain[5].id}")).to_be_focused()
    expect(page.locator(f"#c{chain[5].id}")).to_contain_text("You have muted")
