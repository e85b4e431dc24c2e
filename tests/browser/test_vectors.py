"""Nothing that readers, imports or the paper's systems hand us runs in a browser, on our pages or on an article.

The browser is told to pass over our Content-Security-Policy, so that what it would stop is seen.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests
from markupsafe import escape
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import select, update

from app import clock
from app.interchange.parsing import Reading
from app.jobs import queue
from app.kinds import KINDS
from app.models import Account, Comment, Follow, Site, Story
from app.models.follow import FOLLOWED
from app.models.role import MODERATOR
from app.moderation import reports
from app.moderation.reports import Complaint
from app.notifications.jobs import WRITE_LETTERS
from app.review_queue import kinds
from config import policy as policies
from tests.support import embedding as pages
from tests.support import factories, sso, tls
from tests.support.bringing import Bringing
from tests.support.embedding import COMMENTS, EVIL, WWW, Embedding, key_of
from tests.support.mailbox import letters_sent
from tests.support.repository import REPOSITORY
from tests.support.vectors import ONE_LINE, VECTORS

OURS = f"https://{COMMENTS}"
# as many as the first paint shows
EACH = 50
# what there is on a page, and below every shadow root, that no text of anybody may bring about
FOUND = """(page) => {
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
  look(page);
  return found;
}"""
# many pages by their HTML, each in a frame of its own, which is quick: what is on them, and what they are called
FRAMES = f"""async (pages) => {{
  const shown = await Promise.all(pages.map((html) => new Promise((done) => {{
    const frame = document.createElement("iframe");
    frame.onload = () => done(frame);
    frame.srcdoc = html;
    document.body.append(frame);
  }})));
  await new Promise((done) => setTimeout(done, 0));
  const found = shown.flatMap((frame) => ({FOUND})(frame.contentDocument));
  const titles = shown.map(({{ contentDocument: page }}) => [
    page.querySelector('meta[property="og:title"]')?.content,
    JSON.parse(page.querySelector('script[type="application/ld+json"]')?.text || "{{}}").headline,
  ]);
  shown.forEach((frame) => frame.remove());
  return [found, titles];
}}"""
AT_ONCE = 24
# both feeds at an address: title, name and HTML of each entry
FEEDS = """async (path) => {
  const [json, atom] = await Promise.all(["json", "atom"].map((kind) => fetch(`${path}.${kind}`)));
  const told = await json.json();
  const read = new DOMParser().parseFromString(await atom.text(), "application/xml");
  const text = (entry, tag) => entry.getElementsByTagName(tag)[0].textContent;
  return {
    title: told.title,
    json: told.items.map((item) => [item.title, item.authors[0].name, item.content_html]),
    atom: [...read.getElementsByTagName("entry")].map((entry) =>
      ["title", "name", "content"].map((tag) => text(entry, tag))),
  };
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
        assert (self.ran, self.page.evaluate(f"({FOUND})(document)")) == ([], []), self.page.url

    def frame(self, pages: list[str]) -> list[list[str | None]]:
        """Show pages of ours by their HTML, and check as much; what each says to other sites that it is called."""
        called: list[list[str | None]] = []
        for first in range(0, len(pages), AT_ONCE):
            found, titles = self.page.evaluate(FRAMES, pages[first : first + AT_ONCE])
            self.page.evaluate(LATER)
            assert (self.ran, found) == ([], [])
            called += titles
        return called

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
    for planted, ran in (
        ("<img src=x onerror=alert(2)>", ["2"]),
        ("<script>alert(3)</script>", ["3"]),
        ("<a href='javascript:alert(4)'>x</a>", []),
    ):
        watch.ran.clear()
        with pytest.raises(AssertionError):
            watch.frame(["<p>Fine.", f"<p>{planted}", "<p>Fine."])
        assert watch.ran == ran


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
    for number, url in enumerate(scene.urls):
        watch.page.goto(url)
        comments = watch.page.locator("btl-comments article.comment")
        expect(comments).to_have_count(len(VECTORS[number * EACH : (number + 1) * EACH]))
        watch.check()


def test_nothing_runs_in_a_feed(watch: Watch, scene: Scene) -> None:
    watch.page.goto(f"{OURS}/rules")
    for story in scene.stories:
        told = watch.page.evaluate(FEEDS, f"/stories/{story.id}/feed")
        assert len(told["json"]) >= len(VECTORS) % EACH
        assert told["atom"] == told["json"]
        assert story.title in told["title"]
        shown = "".join(html for _title, _name, html in told["json"])
        watch.page.evaluate("(html) => { document.body.innerHTML = html }", shown)
        watch.check()


@pytest.fixture(scope="module")
def brought(embedding: Embedding, tmp_path_factory: pytest.TempPathFactory) -> list[Story]:
    """Stories out of a file, of which each has a vector for its title, its comment and the name of who wrote that."""
    path = tmp_path_factory.mktemp("old") / "history.jsonl"
    when = {"created_at": "2016-03-01T12:00:00Z"}
    rows = [
        when | {"id": str(number), "story": f"old-{number}", "title": line, "author": line, "text": vector}
        for number, (vector, line) in enumerate(zip(VECTORS, ONE_LINE, strict=True))
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    newspaper = embedding.newspaper
    house = policies.load(newspaper.settings.policy)
    assert Bringing(newspaper.database, newspaper.settings, house).bring(path, Reading(html=False)).refused == []
    with newspaper.database.reading() as session:
        return list(session.scalars(select(Story).where(Story.key.like("old-%")).order_by(Story.id)))


def test_nothing_runs_of_what_was_brought_in(watch: Watch, brought: list[Story], embedding: Embedding) -> None:
    assert [story.title for story in brought] == ONE_LINE
    with requests.Session() as asking:
        asking.headers["Accept"] = "text/html"
        pages = [asking.get(f"{direct(embedding)}/stories/{story.id}", timeout=20).text for story in brought]
    watch.page.goto(f"{OURS}/rules")
    assert watch.frame(pages) == [[story.title, story.title] for story in brought]


def direct(embedding: Embedding) -> str:
    """Our pages without a browser."""
    return f"http://127.0.0.1:{embedding.names.servers[COMMENTS]}"


def test_letters_have_words_alone(watch: Watch, brought: list[Story], embedding: Embedding) -> None:
    newspaper = embedding.newspaper
    reader = newspaper.member()
    with newspaper.database.transaction() as session:
        # what an import brings is news to nobody, but for once
        ids = [story.id for story in brought]
        session.execute(update(Comment).where(Comment.story_id.in_(ids)).values(published_number=1))
        session.execute(update(Story).where(Story.id.in_(ids)).values(published_count=1))
        for story in brought:
            due = {"state": FOLLOWED, "due_at": clock.now(), "seen_count": 0, "told_count": 0}
            session.add(Follow(account_id=reader.id, story_id=story.id, created_at=clock.now(), **due))
        queue.enqueue(session, WRITE_LETTERS, unique_key=WRITE_LETTERS)
    text = newspaper.letter_to(str(reader.email), "A new comment on")
    (letter,) = [each for each in letters_sent(newspaper.settings) if each["To"] == reader.email]
    assert [part.get_content_type() for part in letter.walk()] == ["text/plain"]
    assert letter["Subject"] == "News from the comments"
    assert all(f"A new comment on “{title}”:\n{OURS}/stories/" in text for title in ONE_LINE)
    embedding.names.pages[EVIL, "/letter"] = tls.Page(text, {"Content-Type": "text/plain; charset=utf-8"})
    watch.visit(f"https://{EVIL}/letter")


def test_nothing_runs_of_what_the_paper_says_of_its_readers(watch: Watch, embedding: Embedding) -> None:
    """On the page that asks whether one is that; and any of these texts may be a name, as stories show: no other comes
    of them, as every fifth tells, since to sign somebody in takes its time.
    """
    settings = embedding.newspaper.settings
    pages, names = [], []
    with requests.Session() as asking:
        for number, vector in enumerate(ONE_LINE):
            said = {"sub": vector, "name": vector, "email": f"{vector}@example.org", "locale": vector}
            cookie = f"__Host-btl-sso={sso.page_token(settings, 'gazette', **said)}"
            pages.append(asking.get(f"{direct(embedding)}/sso/continue", headers={"Cookie": cookie}, timeout=20).text)
            if number % 5 == 0:
                body = {"token": sso.token(settings, "gazette", **said), "browser": "b" * 24, "story": "tide"}
                page = {"Origin": f"https://{WWW}", "BTL-Embed": "1"}
                answer = asking.post(f"{direct(embedding)}/api/v1/embed/sso", json=body, headers=page, timeout=20)
                names.append((vector, answer.json()["me"]["name"]))
    watch.page.goto(f"{OURS}/rules")
    watch.frame(pages)
    assert all(escape(vector) in page for vector, page in zip(ONE_LINE, pages, strict=True))
    assert [pair for pair in names if pair[1] != pair[0] and not re.fullmatch(r"Reader \d+", pair[1])] == []


def test_nothing_runs_at_the_desk_or_in_an_account(watch: Watch, scene: Scene, embedding: Embedding) -> None:
    pages.sign_in(watch.page, scene.moderator)
    watch.visit(f"{OURS}/queue")
    items = watch.page.locator('a[href*="/queue/"]').evaluate_all("all => [...new Set(all.map(one => one.href))]")
    found = [address for address in items if address.rsplit("/", 1)[1].isdigit()]
    assert len(found) > 20
    watch.frame(
        watch.page.evaluate("(all) => Promise.all(all.map((one) => fetch(one).then((got) => got.text())))", found)
    )
    watch.page.context.clear_cookies()
    pages.sign_in(watch.page, scene.author)
    for path in ("/account", "/account/comments", "/notifications", f"/stories/{scene.stories[1].id}"):
        watch.visit(OURS + path)
