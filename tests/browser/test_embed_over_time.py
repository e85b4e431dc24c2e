"""What becomes of the element while the page of an article stays open: what changes around it, and what fails."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app import clock
from app.billing import grants
from app.models import Account, Comment, Site, Story
from app.models.comment import REMOVED
from app.models.role import EDITOR
from app.models.story import CLOSED, OPEN
from app.stories import publication, stories
from app.stories.signature import sign
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

# the next comment arrives, but not that it did
LOST = """() => { const ask = window.fetch; window.fetch = async (url, asked) => {
  const answer = await ask(url, asked);
  if (asked.method !== "POST" || !url.includes("/comments")) return answer;
  window.fetch = ask;
  throw new TypeError("Failed to fetch");
} }"""


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


def test_a_story_lies_and_is_called_as_its_page_says(embedding: Embedding, page: Page) -> None:
    """Also where an agency has its address, and where the page shows one article after the other."""
    urls = [embedding.article() for _ in range(3)]
    agencys, signed, relative = map(key_of, urls)
    article = embedding.names.pages[WWW, f"/{agencys}"]
    html = article.html.replace(f'href="{urls[0]}"', 'href="https://agency.test/piece"')
    embedding.names.pages[WWW, f"/{agencys}"] = tls.Page(html, {})
    secret = embedding.newspaper.settings.sso_secret
    signature = sign(secret, "gazette", signed, urls[1], "The second")
    sign_in(page, subscriber(embedding))
    page.goto(f"{urls[0]}?utm_source=letter&page=2")
    for said in (
        {},
        {"story": signed, "title": "The second", "signature": signature, "url": urls[1]},
        {"story": relative, "url": f"/{relative}"},
    ):
        page.evaluate(
            "given => given.forEach((each) => document.querySelector('btl-comments').setAttribute(...each))",
            list(said.items()),
        )
        expect(page.locator("article.comment")).to_have_count(0)
        page.get_by_role("textbox", name="Join the conversation").fill(f"Under the story {said.get('story')}.")
        page.get_by_role("button", name="Post comment").click()
        expect(page.locator("article.comment")).to_contain_text("Under the story")
    with embedding.newspaper.database.reading() as session:
        found = {story.key: (story.url, story.title) for story in session.scalars(select(Story))}
    assert found[agencys] == (f"{urls[0]}?page=2", "")
    assert found[signed] == (urls[1], "The second")
    assert found[relative] == (urls[2], "")


def go_on_by_window(page: Page) -> None:
    """Be known to a page of another site, by a click in our window."""
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in").first.click()
    opening.value.get_by_role("button", name="Continue as").click()


def test_who_came_by_our_window_is_known_to_all_that_stands_on_the_page(embedding: Embedding, page: Page) -> None:
    """To the story that comes next, to another element, and to one that is moved; and so is that they are gone."""
    first, second = embedding.article(OTHER), embedding.article(OTHER)
    for url in (first, second):
        commented(embedding, url, "A point of view.")
    beside = f'<btl-comments story="{key_of(second)}"></btl-comments>'
    article = embedding.names.pages[OTHER, f"/{key_of(first)}"]
    embedding.names.pages[OTHER, "/two"] = tls.Page(article.html.replace("</main>", f"{beside}</main>"), {})
    sign_in(page, subscriber(embedding))
    page.goto(f"https://{OTHER}/two")
    expect(page.locator("article.comment")).to_have_count(2)
    go_on_by_window(page)
    known = page.get_by_role("textbox", name="Join the conversation")
    expect(known).to_have_count(2)
    page.evaluate("key => document.querySelector('btl-comments').setAttribute('story', key)", key_of(second))
    page.evaluate("document.querySelector('main').prepend(document.querySelectorAll('btl-comments')[1])")
    expect(page.locator("article.comment")).to_have_count(2)
    expect(known).to_have_count(2)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    other = page.context.new_page()
    other.goto(f"https://{COMMENTS}/")
    other.get_by_role("button", name="Sign out").click()
    other.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("button", name="Sign in")).to_have_count(2)


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
    page.get_by_role("button", name="Reply to").click()
    page.get_by_role("textbox", name="Your reply").fill("To the point of view.")
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
    reply = page.get_by_role("textbox", name="Your reply")
    reply.press_sequentially("!")
    assert any(each.endswith(f":{second.id}") for each in page.evaluate("Object.keys(localStorage)"))
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator(".replies article")).to_contain_text(str(second.name))
    expect(reply).to_have_count(0)


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
    go_on_by_window(page)
    page.get_by_text(f"You write as {account.name}").wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "embed/session" in request.url else None)
    for _ in range(13):
        page.clock.run_for(50_000)
        page.wait_for_timeout(50)
    assert "POST" in asked


def failing(page: Page, part: str) -> None:
    """Let what is asked at addresses with `part` in them fail as it does without a network."""
    page.route(f"**{part}**", lambda route: route.abort())


def test_the_order_that_was_asked_for_last_stands(embedding: Embedding, page: Page) -> None:
    """Its answer may come before that of an order asked for earlier."""
    url = embedding.article()
    commented(embedding, url, *(f"The {number}th point of view." for number in range(30)))
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(30)
    late: list[Route] = []
    page.route("**sort=oldest**", lambda route: late.append(route))
    page.get_by_role("button", name="Oldest").click()
    page.get_by_role("button", name="Most respected").click()
    expect(page.get_by_role("button", name="Most respected")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Most respected")).to_be_focused()
    page.wait_for_timeout(200)
    order = page.locator("article.comment").all_inner_texts()
    late[0].continue_()
    page.wait_for_timeout(500)
    assert page.locator("article.comment").all_inner_texts() == order


def test_more_comments_can_be_asked_for_again_after_a_failure(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, *(f"The {number}th point of view." for number in range(60)))
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(50)
    failing(page, "cursor=")
    page.get_by_role("button", name="More comments").click()
    expect(page.get_by_text("cannot be reached")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="More comments").click()
    expect(page.locator("article.comment")).to_have_count(60)


def test_what_fails_beside_it_leaves_the_reply_that_is_being_written(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("button", name="Reply to").click()
    page.get_by_role("textbox", name="Your reply").fill("What I have to say to it.")
    failing(page, "/respect")
    page.get_by_role("button", name="Respect the comment").click()
    expect(page.get_by_text("cannot be reached")).to_be_visible()
    expect(page.get_by_role("textbox", name="Your reply")).to_have_value("What I have to say to it.")
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator("article.comment").nth(1)).to_be_focused()


def test_what_was_posted_though_its_answer_was_lost_is_found_by_sending_it_again(
    embedding: Embedding, page: Page
) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    sign_in(page, subscriber(embedding))
    page.goto(url)
    box = page.get_by_role("textbox", name="Join the conversation")
    post = page.get_by_role("button", name="Post comment")
    box.fill("I say it once.")
    page.evaluate(LOST)
    post.click()
    expect(
        page.get_by_text(re.compile(r"cannot be reached at the moment\. What you typed is kept here\.$"))
    ).to_be_visible()
    post.click()
    expect(page.get_by_role("article").filter(has_text="I say it once.")).to_be_focused()
    expect(box).to_have_value("")
    expect(page.get_by_text("You have just posted")).to_have_count(0)
    assert written(embedding, url) == ["A point of view.", "I say it once."]


def test_a_reply_to_what_has_gone_from_the_page_was_posted_all_the_same(embedding: Embedding, page: Page) -> None:
    """Else its author is told of an error, and posts it again."""
    url = embedding.article()
    commented(embedding, url, *(f"The {number}th point of view." for number in range(55)))
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_text("You write as").wait_for()
    page.get_by_role("button", name="Reply to").first.click()
    page.get_by_role("textbox", name="Your reply").fill("What I have to say to it.")
    held: list[Route] = []
    page.route("**/comments", lambda route: held.append(route))
    page.get_by_role("button", name="Post reply").click()
    page.get_by_role("button", name="Oldest").click()
    expect(page.locator("article.comment").first).to_contain_text("The 0th")
    assert len(held) == 1
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/comments")):
        held[0].continue_()
    assert "What I have to say to it." in written(embedding, url)
    expect(page.locator(".notice.bad")).to_have_count(0)


def test_what_was_just_posted_stays_when_the_reader_changes(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("I was the first here.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("article.comment")).to_have_count(1)
    other = page.context.new_page()
    other.goto(f"https://{COMMENTS}/")
    other.get_by_role("button", name="Sign out").click()
    other.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("article.comment")).to_contain_text("I was the first here.")


def test_a_story_that_is_closed_meanwhile_says_so(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("Too late.")
    editor = embedding.newspaper.member(EDITOR)
    with embedding.newspaper.database.transaction() as session:
        story = session.scalars(select(Story).where(Story.key == key_of(url))).one()
        stories.turn(session, editor.id, story, CLOSED)
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("button", name="See why").click()
    expect(page.get_by_text("The conversation on this story has ended")).to_be_visible()
    expect(page.get_by_role("button", name="Reply to")).to_have_count(0)


def test_comments_that_come_at_the_second_try_can_be_answered(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    sign_in(page, subscriber(embedding))
    failing(page, "/comments?")
    page.goto(url)
    expect(page.get_by_text("cannot be reached")).to_be_visible()
    expect(page.get_by_text("What you typed")).to_have_count(0)
    page.wait_for_timeout(600)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("textbox", name="Join the conversation").fill("At last.")
    expect(page.get_by_role("textbox", name="Join the conversation")).to_have_attribute("aria-invalid", "false")
    expect(page.get_by_text("too many")).to_have_count(0)


def test_an_edit_is_not_lost_by_a_key_another_order_or_another_page(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    reader = subscriber(embedding)
    sign_in(page, reader)
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("What I meant.")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("button", name="Edit your comment").click()
    box = page.get_by_role("textbox", name="Your comment")
    box.fill("What I meant to say.")
    box.press("Escape")
    expect(box).to_have_value("What I meant to say.")
    page.get_by_role("button", name="Oldest").click()
    expect(page.locator("article.comment").first).to_contain_text("A point of view.")
    expect(box).to_have_value("What I meant to say.")
    page.locator("article.comment").first.get_by_role("button", name="Mute").click()
    expect(page.get_by_text("You have muted")).to_be_visible()
    expect(box).to_have_value("What I meant to say.")
    other = page.context.new_page()
    other.goto(f"https://{COMMENTS}/")
    other.get_by_role("button", name="Sign out").click()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(other, reader)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("You write as")).to_be_visible()
    expect(box).to_have_value("What I meant to say.")
    page.reload()
    page.get_by_role("button", name="Edit your comment").click()
    expect(box).to_have_value("What I meant to say.")
    page.get_by_role("button", name="Newest").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article.comment").first).to_contain_text("What I meant to say.")
    expect(box).to_have_count(0)
    assert written(embedding, url)[-1] == "What I meant to say."
    page.get_by_role("button", name="Edit your comment").click()
    box.fill("What I did not mean.")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Edit your comment").click()
    expect(box).to_have_value("What I meant to say.")


def test_an_edit_leaves_the_reader_where_they_are(embedding: Embedding, page: Page) -> None:
    """The second page of the comments does not fold up around it."""
    url = embedding.article()
    reader = subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        factories.comment(session, story, session.get_one(Account, reader.id), "What I meant.")
    with embedding.newspaper.database.transaction() as session:
        for _ in range(55):
            factories.comment(session, session.get_one(Story, story.id), factories.account(session))
    sign_in(page, reader)
    page.goto(url)
    page.get_by_role("button", name="More comments").click()
    page.get_by_role("button", name="Edit your comment").click()
    page.get_by_role("textbox", name="Your comment").fill("What I *meant* to say.")
    page.get_by_role("button", name="Save").click()
    own = page.locator("article.comment").nth(55)
    expect(own).to_contain_text("What I meant to say.")
    expect(own).to_contain_text("edited")
    expect(own).to_be_focused()
    assert written(embedding, url)[0] == "What I *meant* to say."


def test_a_longer_subscription_clears_no_edit_away(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    reader, editor = subscriber(embedding), embedding.newspaper.member(EDITOR)
    sign_in(page, reader)
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("What I meant.")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("button", name="Edit your comment").click()
    page.get_by_role("textbox", name="Your comment").fill("What I meant to say.")
    page.get_by_role("button", name="Oldest").focus()
    with embedding.newspaper.database.transaction() as session:
        site_id = session.scalars(select(Site.id)).one()
        grants.give(session, editor.id, reader.id, site_id, "For longer.", clock.now() + timedelta(days=9))
    with page.expect_response("**/embed/session"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    page.wait_for_timeout(300)
    expect(page.get_by_role("textbox", name="Your comment")).to_have_value("What I meant to say.")


def test_who_comes_back_is_asked_for_once(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    commented(embedding, url, "A point of view.")
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(1)
    page.wait_for_timeout(500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "embed/session" in request.url else None)
    page.evaluate("dispatchEvent(new Event('focus')); document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(500)
    assert len(asked) == 1


def test_whoever_deletes_a_comment_is_not_thrown_out_of_the_conversation(embedding: Embedding, page: Page) -> None:
    """The focus goes on from what is left, and not from the top of the paper's page."""
    url = embedding.article()
    sign_in(page, subscriber(embedding))
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("What I did not mean.")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("button", name="Delete your comment").click()
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.locator("article.comment")).to_have_count(0)
    expect(page.get_by_role("button", name="Newest")).to_be_focused()


def test_new_comments_are_offered_no_more_once_they_are_gone(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    (first,) = commented(embedding, url, "A point of view.")
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(1)
    with embedding.newspaper.database.transaction() as session:
        story = session.get_one(Story, first.story_id)
        second = factories.comment(session, story, factories.account(session))
    page.evaluate("document.querySelector('btl-comments').look()")
    expect(page.get_by_role("button", name="Show 1 new comment")).to_be_visible()
    with embedding.newspaper.database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, second.id), REMOVED)
    page.evaluate("document.querySelector('btl-comments').look()")
    expect(page.get_by_role("button", name="Show 1 new comment")).to_have_count(0)


def test_what_goes_hides_nothing_that_is_new(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    gone, _stays = commented(embedding, url, "One.", "Two.")
    page.goto(url)
    expect(page.locator("article.comment")).to_have_count(2)
    with embedding.newspaper.database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, gone.id), REMOVED)
        factories.comment(session, session.get_one(Story, gone.story_id), factories.account(session), "Three.")
    page.evaluate("document.querySelector('btl-comments').look()")
    page.get_by_role("button", name="Show 1 new comment").click()
    expect(page.locator("article.comment").first).to_contain_text("Three.")
