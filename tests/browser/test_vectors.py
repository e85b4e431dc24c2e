"""Nothing that readers, imports or the paper's systems hand us runs in a browser, on our pages or on an article.

The browser is told to pass over our Content-Security-Policy, so that what it would stop is seen.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Dialog, Page
from sqlalchemy import select

from app.kinds import KINDS
from app.models import Account, Comment, Site, Story
from app.models.role import MODERATOR
from app.moderation import reports
from app.moderation.reports import Complaint
from app.review_queue import kinds
from config import policy as policies
from tests.support import embedding as pages
from tests.support import factories
from tests.support.embedding import COMMENTS, Embedding, key_of
from tests.support.repository import REPOSITORY
from tests.support.vectors import ONE_LINE, VECTORS

OURS = f"https://{COMMENTS}"
# as many as the first paint shows
EACH = 50
# what there is on a page, and below every shadow root, that no text of anybody may bring about
FOUND = """() => {
  const found = [], fine = /^(https?:|mailto:|[#/?]|$)/i;
  const foreign = /^(iframe|object|embed|base|marquee|math|video|audio|img|template|x)$/;
  const look = (root) => {
    for (const one of root.querySelectorAll("*")) {
      if (foreign.test(one.localName)) found.push(one.outerHTML);
      if (one.localName === "script" && !one.src && one.type !== "application/ld+json") found.push(one.outerHTML);
      for (const { name, value } of one.attributes) {
        if (name.startsWith("on") || name === "formaction") found.push(one.outerHTML);
        if (/^(href|src|action|data|xlink:href)$/.test(name) && !fine.test(value)) found.push(one.outerHTML);
      }
      if (one.shadowRoot) look(one.shadowRoot);
    }
  };
  look(document);
  return found;
}"""

LATER = """() => new Promise((done) => {
  const picture = new Image();
  picture.onerror = picture.onload = () => setTimeout(done, 0);
  picture.src = "x";
})"""


@dataclass
class Watch:
    """A page, and what of somebody's text has run on it."""

    page: Page
    ran: list[str] = field(default_factory=list)

    def visit(self, address: str) -> None:
        """Open a page of ours, and let everything on it happen that happens by itself."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        self.check()

    def check(self) -> None:
        self.page.mouse.move(200, 200)
        # what somebody's picture would have brought about has come when that of ours has
        self.page.evaluate(LATER)
        assert (self.ran, self.page.evaluate(FOUND)) == ([], []), self.page.url

    def heard(self, dialog: Dialog) -> None:
        self.ran.append(dialog.message)
        dialog.dismiss()


@dataclass(frozen=True)
class Scene:
    """Stories that bear a vector as their title and message, each with comments that are vectors."""

    stories: list[Story]
    urls: list[str]
    author: Account
    moderator: Account


@pytest.fixture(scope="module")
def scene(embedding: Embedding) -> Scene:
    author, moderator = embedding.newspaper.member(), embedding.newspaper.member(MODERATOR)
    parts = [VECTORS[start : start + EACH] for start in range(0, len(VECTORS), EACH)]
    urls = [embedding.article() for _ in parts]
    house = policies.load(REPOSITORY / "config" / "policy.toml", OURS)
    kinds.use(KINDS)
    with embedding.newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        stories = [factories.story(session, site, key_of(url)) for url in urls]
        for number, (story, part) in enumerate(zip(stories, parts, strict=True)):
            story.title, story.named_by, story.url = ONE_LINE[number], "staff", urls[number]
            story.message = ONE_LINE[-number]
            for place, vector in enumerate(part):
                named = session.get_one(Account, author.id) if place == 0 else factories.account(session)
                named.name = ONE_LINE[number * EACH + place]
                comment = factories.comment(session, story, named, f"{vector}\n\n> {vector}\n\n- {vector}")
                reporter = factories.subscriber(session)
                complaint = Complaint("respect", vector[:200])
                reports.report_comment(session, house, reporter.id, comment.id, complaint)
    return Scene(stories, urls, author, moderator)


def texts_of(embedding: Embedding, story: Story) -> set[str]:
    with embedding.newspaper.database.reading() as session:
        return set(session.scalars(select(Comment.text).where(Comment.story_id == story.id)))


@pytest.fixture
def watch(embedding: Embedding) -> Iterator[Watch]:
    page = embedding.open(bypass_csp=True)
    found = Watch(page)
    page.on("dialog", found.heard)
    yield found
    page.context.close()


def test_the_watch_sees_what_runs_and_what_could(watch: Watch) -> None:
    watch.page.goto(f"{OURS}/rules")
    watch.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    with pytest.raises(AssertionError):
        watch.check()
    assert watch.ran == ["1"]


def test_nothing_runs_on_a_story_or_in_a_conversation(watch: Watch, scene: Scene, embedding: Embedding) -> None:
    for story in scene.stories:
        watch.visit(f"{OURS}/stories/{story.id}")
        (described,) = watch.page.locator('script[type="application/ld+json"]').all_text_contents()
        found = json.loads(described)
        assert found["headline"] == story.title
        assert {each["text"] for each in found["comment"]} == texts_of(embedding, story)
        assert watch.page.locator('meta[property="og:title"]').get_attribute("content") == story.title
    watch.visit(OURS)
    with embedding.newspaper.database.reading() as session:
        some = session.scalars(select(Comment.id).where(Comment.story_id == scene.stories[0].id).limit(3)).all()
    for comment_id in some:
        watch.visit(f"{OURS}/comments/{comment_id}")


def test_what_search_engines_read_is_nothing_that_the_policy_stops(scene: Scene, embedding: Embedding) -> None:
    page = embedding.open()
    page.add_init_script("window.stopped = []; onsecuritypolicyviolation = (broken) => stopped.push(broken.blockedURI)")
    page.goto(f"{OURS}/stories/{scene.stories[0].id}")
    page.locator('script[type="application/ld+json"]').wait_for(state="attached")
    assert page.evaluate("stopped") == []
    # the browser does tell of a script that stands on the page
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))")
    page.wait_for_function("stopped.length")
    assert page.evaluate("[stopped, window.ran]") == [["inline"], None]
    page.context.close()


def test_nothing_runs_under_an_article(watch: Watch, scene: Scene) -> None:
    for url in scene.urls:
        watch.page.goto(url)
        watch.page.locator("btl-comments article, btl-comments .comment").nth(10).wait_for()
        watch.check()


def test_nothing_runs_in_a_feed(watch: Watch, scene: Scene) -> None:
    watch.page.goto(f"{OURS}/rules")
    for story in scene.stories:
        feed = watch.page.evaluate("(path) => fetch(path).then((got) => got.json())", f"/stories/{story.id}/feed.json")
        assert len(feed["items"]) >= len(VECTORS) % EACH
        shown = "".join(item["content_html"] for item in feed["items"])
        watch.page.evaluate("(html) => { document.body.innerHTML = html }", shown)
        watch.check()


def test_nothing_runs_at_the_desk_or_in_an_account(watch: Watch, scene: Scene, embedding: Embedding) -> None:
    pages.sign_in(watch.page, scene.moderator)
    watch.visit(f"{OURS}/queue")
    items = watch.page.locator('a[href*="/queue/"]').evaluate_all("all => [...new Set(all.map(one => one.href))]")
    found = [address for address in items if address.rsplit("/", 1)[1].isdigit()]
    assert len(found) > 20
    for address in found:
        watch.visit(address)
    watch.page.context.clear_cookies()
    pages.sign_in(watch.page, scene.author)
    for path in ("/account", "/account/comments", "/notifications", f"/stories/{scene.stories[1].id}"):
        watch.visit(OURS + path)
