"""What its reader does in the element: writes, finds again what was typed, reports; and what the page is told of it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Comment, Report, Site, Story, StoryAuthor
from app.models.role import EDITOR
from tests.support import factories
from tests.support.embedding import COMMENTS, Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser
# keep what an event says, and have the page take the matter into its own hands
KEEP = """name => { window.told = []; document.addEventListener(name, (event) => {
    told.push(event.detail); event.preventDefault(); }) }"""
HIDE = "hidden => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden }) }"


def commented(embedding: Embedding, url: str, author: Account | None = None) -> Comment:
    """Give the story of an article a comment by somebody else; the article may be by `author`."""
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        if author:
            session.add(StoryAuthor(story_id=story.id, mailbox=author.email_token))
        return factories.comment(session, story, factories.account(session))


def arrive(page: Page, url: str, account: Account) -> None:
    """Come to the article, signed in."""
    sign_in(page, account)
    page.goto(url)
    page.locator(".composer").get_by_text("Join the conversation").wait_for()


def told(page: Page) -> list[Any]:
    """What the event that is kept has said."""
    found: list[Any] = page.evaluate("told")
    return found


def test_whose_article_it_is_bears_the_badges_at_once(embedding: Embedding, page: Page) -> None:
    url, journalist = embedding.article(), embedding.newspaper.member(EDITOR)
    commented(embedding, url, author=journalist)
    arrive(page, url, journalist)
    page.get_by_role("textbox", name="Join the conversation").fill("Let me add to this.")
    page.get_by_role("button", name="Post comment").click()
    own = page.get_by_role("article", name=str(journalist.name))
    expect(own.get_by_text("Staff", exact=True)).to_be_visible()
    expect(own.get_by_text("Author of the article", exact=True)).to_be_visible()


def test_the_same_answer_to_another_is_refused_and_kept(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    first = commented(embedding, url)
    with embedding.newspaper.database.transaction() as session:
        factories.comment(session, session.get_one(Story, first.story_id), factories.account(session, "Bob"))
        name = session.get_one(Account, first.account_id).name
    reader = subscriber(embedding)
    arrive(page, url, reader)
    box = page.get_by_role("textbox", name="Your reply")
    for whom in (name, "Bob"):
        page.get_by_role("button", name=f"Reply to {whom}").click()
        box.fill("Thank you, well said.")
        page.get_by_role("button", name="Post reply").click()
        if whom == name:
            expect(page.get_by_role("article", name=str(reader.name))).to_be_focused()
    expect(page.get_by_text("You have just posted this very comment.")).to_be_visible()
    expect(box).to_have_value("Thank you, well said.")


def test_what_was_typed_is_there_again_after_a_reload_until_it_is_posted(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url)
    arrive(page, url, subscriber(embedding))
    box = page.get_by_role("textbox", name="Join the conversation")
    box.fill("Half a thou")
    page.get_by_role("button", name="Reply to").click()
    page.get_by_role("textbox", name="Your reply").fill("Half an ans")
    page.reload()
    expect(box).to_have_value("Half a thou")
    page.get_by_role("button", name="Reply to").click()
    expect(page.get_by_role("textbox", name="Your reply")).to_have_value("Half an ans")
    box.fill("A whole thought.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("article").filter(has_text="A whole thought.")).to_be_focused()
    page.reload()
    expect(box).to_have_value("")
    other = page.context.new_page()
    other.goto(url)
    other.get_by_role("textbox", name="Join the conversation").fill("From another tab.")
    box.fill("Half a thou")
    other.get_by_role("button", name="Post comment").click()
    expect(other.get_by_role("article").filter(has_text="From another tab.")).to_be_focused()
    page.reload()
    expect(box).to_have_value("Half a thou")


def test_what_somebody_typed_is_not_there_for_the_next(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    arrive(page, url, subscriber(embedding))
    page.get_by_role("textbox", name="Join the conversation").fill("Half a thou")
    page.context.clear_cookies()
    arrive(page, url, subscriber(embedding))
    expect(page.get_by_role("textbox", name="Join the conversation")).to_have_value("")


def test_the_page_hears_of_what_was_posted(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    arrive(page, url, subscriber(embedding))
    page.evaluate(KEEP, "posted")
    page.evaluate(
        """key => { const made = document.createElement("btl-count");
        made.setAttribute("story", key); document.body.append(made); }""",
        key_of(url),
    )
    expect(page.locator("btl-count")).to_have_text("0")
    page.get_by_role("textbox", name="Join the conversation").fill("A thought.")
    page.get_by_role("button", name="Post comment").click()
    own = page.get_by_role("article").filter(has_text="A thought.")
    expect(own).to_be_focused()
    assert told(page) == [{"id": str(own.get_attribute("id")).removeprefix("c"), "state": "published"}]
    expect(page.locator("btl-count")).to_have_text("1")


def test_who_wants_to_subscribe_is_sent_to_us_unless_the_page_sees_to_it(embedding: Embedding, page: Page) -> None:
    arrive(page, embedding.article(), embedding.newspaper.member())
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Subscribe").click()
    assert opening.value.url.startswith(f"https://{COMMENTS}/subscription")
    opening.value.close()
    page.evaluate(KEEP, "needs-subscription")
    page.get_by_role("button", name="Subscribe").click()
    assert told(page) == [{"code": "no_subscription", "url": f"https://{COMMENTS}/subscription"}]
    assert len(page.context.pages) == 1


def test_who_has_written_here_is_offered_to_be_named(embedding: Embedding, page: Page) -> None:
    url, reader = embedding.article(), subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        for name in ("Zoë Lovelace", "Zoran"):
            factories.comment(session, story, factories.account(session, name))
        factories.comment(session, story, session.get_one(Account, reader.id))
    arrive(page, url, reader)
    box, offered = page.get_by_role("textbox", name="Join the conversation"), page.locator(".names button")
    box.press_sequentially("Write to me@z, as @zo")
    expect(offered).to_have_text(["@Zoran", "@Zoë Lovelace"])
    box.press_sequentially("ë")
    offered.click()
    expect(box).to_have_value("Write to me@z, as @Zoë Lovelace ")
    expect(box).to_be_focused()
    expect(offered).to_have_count(0)
    box.press_sequentially(f"and @{str(reader.name).split()[0]}")
    expect(offered).to_have_count(0)


def test_who_reports_is_thanked_and_moderators_learn_of_it(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    comment, reader = commented(embedding, url), subscriber(embedding)
    arrive(page, url, reader)
    page.get_by_role("button", name="Report the comment").click()
    form = page.locator("form.report")
    form.get_by_role("radio").first.check()
    form.get_by_role("textbox").fill("It is about a person.")
    form.get_by_role("button", name="Report").click()
    thanks = page.get_by_text("Thank you. A moderator will look at it")
    expect(thanks).to_be_focused()
    expect(page.get_by_role("button", name="Report the comment")).to_have_count(0)
    with embedding.newspaper.database.reading() as session:
        report = session.scalars(select(Report).where(Report.subject_id == comment.id)).one()
        assert (report.account_id, report.note) == (reader.id, "It is about a person.")


def test_nobody_asks_for_new_comments_behind_another_tab(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url)
    page.clock.install()
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/counts" in request.url else None)
    page.evaluate(HIDE, True)
    page.clock.run_for("10:00")
    assert asked == []
    page.evaluate(HIDE, False)
    with page.expect_request("**/counts?**"):
        page.clock.run_for("03:30")
