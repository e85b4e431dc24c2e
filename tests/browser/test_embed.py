"""The element on the page of an article, under a strict policy, over TLS: readers read and write where the story is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Comment, Site, Story
from app.models.comment import HELD, PUBLISHED
from app.moderation import decisions
from app.moderation.decisions import Intent
from config.policy import HouseRules
from tests.support import factories, moderating, tls
from tests.support.embedding import COMMENTS, EVIL, OTHER, STRICT, WWW, Embedding, key_of, sign_in, subscriber
from tests.support.repository import REPOSITORY

pytestmark = pytest.mark.browser
AS_REPORTED = "What was reported."
# what moved that was painted already, unless the reader has just done something
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => { for (const each of list.getEntries()) if (!each.hadRecentInput)
    shifts.push([each.value, ...each.sources.map((source) => source.node?.nodeName)]); })
    .observe({ type: 'layout-shift', buffered: true });"""


@pytest.fixture
def page(embedding: Embedding) -> Iterator[Page]:
    """A browser whose console has no error to tell of at the end."""
    page = embedding.open()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    # Chromium calls it an error when an answer says that somebody has signed out
    assert [error for error in errors if "status of 401" not in error] == []


def test_a_subscriber_writes_under_the_article(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill(
        "The **harbour** is > 5 m deep.\n\n> quoted\n\nhttps://paper.example/a"
    )
    page.get_by_role("button", name="Post comment").click()
    comment = page.locator("article.comment")
    expect(comment.locator("strong")).to_have_text("harbour")
    expect(comment.locator("blockquote")).to_have_text("quoted")
    expect(comment.get_by_role("link", name="https://paper.example/a")).to_have_attribute(
        "href", "https://paper.example/a"
    )
    expect(page.get_by_role("heading", name="1 comment")).to_be_visible()
    with embedding.newspaper.database.reading() as session:
        story = session.scalars(select(Story).where(Story.key == key_of(url))).one()
        assert (story.url, story.title) == (url, "")
        assert session.scalars(select(Comment.state).where(Comment.story_id == story.id)).all() == [PUBLISHED]


def test_a_reader_of_a_foreign_site_signs_in_by_a_window(embedding: Embedding, page: Page) -> None:
    """To the browser it is another site than ours: no cookie of ours reaches us from there."""
    account = subscriber(embedding)
    page.goto(embedding.article(OTHER))
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in").click()
    window = opening.value
    window.get_by_label("E-mail").fill(str(account.email))
    window.get_by_label("Password").fill(factories.PASSWORD)
    window.get_by_role("button", name="Sign in").click()
    window.get_by_role("button", name=f"Continue as {account.name} at Gazette").click()
    page.get_by_role("textbox", name="Join the conversation").fill("From another site altogether.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("article.comment")).to_contain_text("From another site altogether.")
    assert window.is_closed()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


@pytest.fixture
def as_documented(embedding: Embedding) -> str:
    """An article with the tags of the documentation, and a key of its own; its address."""
    url = embedding.article()
    (tags,) = re.findall(r"belong:\n\n```html\n(.*?)```", (REPOSITORY / "docs" / "embed.md").read_text(), re.DOTALL)
    tags = tags.replace("comments.paper.example", COMMENTS).replace("2026/harbour-plan", key_of(url))
    embedding.names.pages[WWW, f"/{key_of(url)}"] = tls.Page(f"<!doctype html><title>A story</title>{tags}", {})
    return url


def test_who_runs_no_scripts_reads_on_the_page_of_the_story(embedding: Embedding, as_documented: str) -> None:
    page = embedding.open(java_script_enabled=False)
    page.goto(as_documented)
    page.get_by_role("link", name="Comments").click()
    expect(page.get_by_text("Nobody has written yet.")).to_be_visible()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(as_documented))
        factories.comment(session, story, factories.account(session), "Without a script.")
    page.goto(as_documented)
    page.get_by_role("link", name="Comments").click()
    expect(page.get_by_text("Without a script.")).to_be_visible()
    assert page.url == f"https://{COMMENTS}/stories/{story.id}"
    page.context.close()


def test_who_runs_them_does_not_see_the_link(page: Page, as_documented: str) -> None:
    page.goto(as_documented)
    expect(page.get_by_text("Nobody has written yet.")).to_be_visible()
    expect(page.locator("btl-comments > a")).to_have_count(1)
    expect(page.locator("btl-comments > a")).to_be_hidden()


def test_the_link_stays_where_the_script_does_not_come(embedding: Embedding, as_documented: str) -> None:
    page = embedding.open()
    page.route("**/embed.js", lambda route: route.abort())
    page.goto(as_documented)
    expect(page.get_by_role("link", name="Comments")).to_be_visible()
    page.context.close()


def test_what_becomes_of_the_window_is_said(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article(OTHER))
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in").click()
    opening.value.wait_for_load_state()  # and has said to the page that it is there
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("is open already")).to_be_visible()
    opening.value.close()
    expect(page.get_by_text("was closed before you signed in")).to_be_visible()
    page.evaluate("window.open = () => null")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("has blocked the window")).to_be_visible()


def test_it_is_said_at_the_button_that_was_pressed(embedding: Embedding, page: Page) -> None:
    url = embedding.article(OTHER)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        comment = factories.comment(session, story, factories.account(session))
    page.goto(url)
    page.evaluate("window.open = () => null")
    page.get_by_role("button", name="Reply to").click()
    expect(page.locator(f"#c{comment.id}").get_by_text("has blocked the window")).to_be_visible()
    expect(page.locator(".composer").get_by_text("has blocked the window")).to_have_count(0)


def test_a_page_that_parts_itself_from_the_window_is_told_so(embedding: Embedding, page: Page) -> None:
    url = embedding.article(OTHER)
    page_of = embedding.names.pages[OTHER, f"/{key_of(url)}"]
    headers = {**page_of.headers, "Cross-Origin-Opener-Policy": "same-origin"}
    embedding.names.pages[OTHER, f"/{key_of(url)}"] = tls.Page(page_of.html, headers)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
    warned: list[str] = []
    page.on("console", lambda message: warned.append(message.text) if message.type == "warning" else None)
    page.goto(url)
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in").click()
    expect(opening.value.get_by_text("does not let this window answer it")).to_be_visible()
    expect(page.get_by_text("The window did not answer.")).to_be_visible()
    link = page.get_by_role("link", name="Write on the conversation’s own page")
    assert link.get_attribute("href") == f"https://{COMMENTS}/stories/{story.id}"
    assert any("same-origin-allow-popups" in each for each in warned)


def test_a_page_that_opens_the_window_in_the_papers_name_hears_nothing(embedding: Embedding) -> None:
    account = subscriber(embedding)
    page = embedding.open()
    sign_in(page, account)
    embedding.names.pages[EVIL, "/"] = tls.Page(
        "<script>heard = []; onmessage = (e) => heard.push(e.data)</script>", {}
    )
    page.goto(f"https://{EVIL}/")
    asked = f"https://{COMMENTS}/embed/window?nonce={'n' * 32}&story=x&origin=https://{WWW}"
    with page.expect_popup() as opening:
        page.evaluate("url => { window.other = open(url) }", asked)
    with opening.value.expect_event("close"):  # which may come before the click is over
        opening.value.get_by_role("button", name="Continue as").click()
    page.wait_for_timeout(300)
    assert page.evaluate("heard") == []
    page.goto(asked.replace(WWW, EVIL))
    expect(page.get_by_text("Only pages of this newspaper")).to_be_visible()
    page.context.close()


def test_no_page_can_frame_the_window(embedding: Embedding) -> None:
    page = embedding.open()
    asked = f"https://{COMMENTS}/embed/window?nonce={'n' * 32}&story=x&origin=https://{WWW}"
    embedding.names.pages[WWW, "/frame"] = tls.Page(f'<iframe src="{asked}"></iframe>', {})
    page.goto(f"https://{WWW}/frame")
    assert page.frames[1].evaluate("document.body.innerText").find("Sign in") == -1
    page.context.close()


@pytest.mark.parametrize("ending", ["a sign-out in another tab", "a ban"])
def test_what_ends_while_the_page_is_open_ends_what_it_may_do(
    embedding: Embedding, page: Page, house: HouseRules, ending: str
) -> None:
    account, url = subscriber(embedding), embedding.article()
    sign_in(page, account)
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("I was signed in a moment ago.")
    if ending == "a ban":
        ban(embedding, house, account)
    else:
        other = page.context.new_page()
        other.goto(f"https://{COMMENTS}/")
        other.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_text("Please sign in first")).to_be_visible()
    expect(page.get_by_role("textbox", name="Join the conversation")).to_have_value("I was signed in a moment ago.")
    with embedding.newspaper.database.reading() as session:
        own = select(Comment.id).where(Comment.account_id == account.id, Comment.text != AS_REPORTED)
        assert session.scalars(own).all() == []


def ban(embedding: Embedding, house: HouseRules, account: Account) -> None:
    """As a moderator does at the desk, for what somebody has written elsewhere."""
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one())
        item = moderating.ask(session, house, factories.comment(session, story, account, AS_REPORTED))
        intent = Intent(item.id, item.revision, "ban", "threat", "A threat.")
        decisions.decide(session, house, moderating.moderator(session), intent)


def test_the_page_may_take_sign_in_and_subscription_into_its_own_hands(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article())
    page.locator("btl-comments").wait_for()
    page.evaluate(
        """() => { window.told = [];
        for (const name of ["ready", "needs-sign-in", "count"])
          document.addEventListener(name, (e) => { told.push([name, e.detail]); e.preventDefault(); }) }"""
    )
    page.get_by_role("button", name="Sign in").click()
    assert len(page.context.pages) == 1
    assert page.evaluate("told.map(([name]) => name)")[-1] == "needs-sign-in"


def test_the_counts_of_a_page_are_one_request(embedding: Embedding, page: Page) -> None:
    one, two = embedding.article(), embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(one))
        factories.comment(session, story, factories.account(session))
    tags = "".join(f'<btl-count story="{key_of(url)}"></btl-count> ' for url in (one, two, one))
    html = f'<!doctype html><title>Front</title><p>{tags}</p><script async src="https://{COMMENTS}/embed.js"></script>'
    embedding.names.pages[WWW, "/front"] = tls.Page(html, STRICT)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    page.goto(f"https://{WWW}/front")
    expect(page.locator("btl-count").first).to_have_text("1")
    assert page.locator("btl-count").all_inner_texts() == ["1", "0", "1"]
    assert len(asked) == 1
    # another story in its place, and as many long keys as no server would read in one address
    page.evaluate("key => document.querySelectorAll('btl-count')[1].setAttribute('story', key)", key_of(one))
    expect(page.locator("btl-count").nth(1)).to_have_text("1")
    asked.clear()
    page.evaluate(
        """() => { for (let number = 0; number < 90; number += 1) {
        const made = document.createElement("btl-count");
        made.setAttribute("story", `https://www.paper.test/2026/${"a-long-headline-".repeat(5)}/${number}`);
        document.body.append(made); } }"""
    )
    expect(page.locator("btl-count").last).to_have_text("0")
    assert len(asked) == 2
    assert max(map(len, asked)) < 8000


def test_two_requests_bring_the_comments_and_their_reader(embedding: Embedding, page: Page) -> None:
    """Both leave at once after the script, nothing is asked twice, and nothing moves once the comments stand."""
    url = embedding.article(paragraphs=2)
    account = subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        for _ in range(60):
            factories.comment(session, story, factories.account(session))
        factories.comment(session, story, session.get_one(Account, account.id), state=HELD)
    sign_in(page, account)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {urlsplit(request.url).path}"))
    page.add_init_script(SHIFTS)
    page.goto(url)
    page.locator("article.comment").nth(50).wait_for()
    page.get_by_text("Only you see this").wait_for()
    page.wait_for_timeout(600)
    key = key_of(url)
    expected = [f"GET /api/v1/stories/{key}/comments", "POST /api/v1/embed/session"]
    assert sorted(each for each in asked if "/api/" in each) == expected
    assert page.evaluate("window.shifts") == []


def test_more_comments_come_in_place_and_new_ones_are_offered(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        for _ in range(70):
            factories.comment(session, story, factories.account(session))
    page.goto(url)
    expect(page.get_by_text("“Respect” says that something is well argued")).to_be_visible()
    page.get_by_role("button", name="More comments").click()
    expect(page.locator("article.comment")).to_have_count(70)
    page.get_by_role("button", name="Write a comment").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    with embedding.newspaper.database.transaction() as session:
        factories.comment(session, session.get_one(Story, story.id), factories.account(session), "What came meanwhile.")
    page.evaluate("document.querySelector('btl-comments').look()")
    page.get_by_role("button", name="Show 1 new comment").click()
    expect(page.locator("article.comment").first).to_contain_text("What came meanwhile.")


def test_a_reply_quotes_is_looked_at_before_and_stands_below(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        factories.comment(session, story, factories.account(session, "Ada"), "The *harbour* is deep.\n\nVery deep.")
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("button", name="Reply to Ada").click()
    reply = page.get_by_role("textbox", name="Your reply to Ada")
    page.get_by_role("button", name="Quote").click()
    expect(reply).to_have_value("> The harbour is deep.\n>\n> Very deep.\n\n")
    reply.press_sequentially("It is **not**.")
    page.get_by_role("button", name="Preview").last.click()
    expect(page.locator(".preview strong")).to_have_text("not")
    expect(page.locator(".preview blockquote")).to_contain_text("Very deep.")
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator(".replies article strong")).to_have_text("not")


def test_who_is_muted_is_folded_for_this_reader(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        bob = factories.account(session, "Bob of the docks")
        first = factories.comment(session, story, bob, "What Bob says.")
        factories.comment(session, story, factories.account(session), "What others say.", parent=first)
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("button", name="Mute Bob of the docks").click()
    expect(page.get_by_text("You have muted Bob of the docks.")).to_be_visible()
    expect(page.get_by_text("What Bob says.")).to_have_count(0)
    expect(page.get_by_text("What others say.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You have muted Bob of the docks.")).to_be_visible()
    page.get_by_role("button", name="Show the comment by Bob").click()
    expect(page.get_by_text("What Bob says.")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Mute no more").click()
    expect(page.get_by_text("What Bob says.")).to_be_visible()


def test_who_is_nudged_at_changes_the_text_or_keeps_it_and_waits(embedding: Embedding) -> None:
    page = embedding.open()
    sign_in(page, subscriber(embedding))
    page.goto(embedding.article())
    writing = page.get_by_role("textbox", name="Join the conversation")
    with gentle(embedding):
        writing.fill("What you write is rather silly.")
        page.get_by_role("button", name="Post comment").click()
        page.get_by_role("button", name="Post it as it is").click()
        expect(page.locator("article.comment")).to_contain_text("you have kept it as it is")
        writing.fill("So is the whole harbour.")
        page.get_by_role("button", name="Post comment").click()
        expect(page.get_by_role("button", name="Post it as it is")).to_be_visible()
    writing.fill("The harbour is silly.")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Post it changed").click()
    expect(page.get_by_role("button", name="Post it as it is")).to_be_hidden()
    said = sent.value.post_data_json
    assert said is not None
    assert len(said["nudged"]) == 64
    page.context.close()


@contextmanager
def gentle(embedding: Embedding) -> Iterator[None]:
    """Whatever is written, its author is asked to think again."""
    for thresholds in ({"toxicity": {"nudge": 1e-9}}, None):
        with embedding.newspaper.database.transaction() as session:
            session.scalars(select(Site)).one().policy = {"thresholds": thresholds} if thresholds else {}
        if thresholds:
            yield
