"""Whole journeys under an article: from nobody to a subscriber who is read, answered, told of it, reported, heard."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Notification
from app.models.role import MODERATOR
from tests.support import factories, tls
from tests.support.embedding import COMMENTS, EVIL, OTHER, WWW, Embedding, sign_in, subscriber
from tests.support.paper_log_in import log_in, signing_in, token
from tests.support.stripe_world import eventually

pytestmark = pytest.mark.browser
SAID, ANSWERED = "The harbour plan forgets the people who live there.", "They were asked twice."
# what the paper's own script does on every article, once somebody has logged in there
PAPERS_SCRIPT = "document.querySelector('btl-comments').token = () => window.papersWord();"
REASON, PLEA = "It announces an act of violence.", "I announced no act of violence."


def strict(embedding: Embedding) -> Page:
    """A page of a browser that sends no cookie to a site that is not the page's, as more and more of them do."""
    page = embedding.open()
    told = page.context.new_cdp_session(page)
    told.send("Network.enable")
    blocking = (
        "enableThirdPartyCookieRestriction",
        "disableThirdPartyCookieMetadata",
        "disableThirdPartyCookieHeuristics",
    )
    told.send("Network.setCookieControls", dict.fromkeys(blocking, True))
    return page


def test_a_strict_browser_sends_no_cookie_of_another_site(embedding: Embedding) -> None:
    assert [goes_along(embedding, opened(embedding)) for opened in (Embedding.open, strict)] == [True, False]


def goes_along(embedding: Embedding, page: Page) -> bool:
    """Whether a cookie of ours that asks for it goes along from a page of another site."""
    ours = f"https://{COMMENTS}"
    embedding.names.pages[COMMENTS, "/probe"] = embedding.names.pages[EVIL, "/"] = tls.Page("<title>Empty</title>", {})
    page.context.add_cookies([{"name": "probe", "value": "1", "url": ours, "secure": True, "sameSite": "None"}])
    page.goto(f"https://{EVIL}/")
    page.evaluate("url => fetch(url, { credentials: 'include', mode: 'no-cors' })", f"{ours}/probe")
    page.context.close()
    return "probe=1" in embedding.names.cookies[COMMENTS, "/probe"]


@pytest.fixture
def _paper_signs_in(embedding: Embedding) -> Iterator[None]:
    with signing_in(embedding):
        yield


@dataclass
class Newcomer:
    """Somebody at an article on `host` whom nobody knows, in the `page` of a browser of theirs."""

    embedding: Embedding
    host: str
    page: Page
    word: str = field(default_factory=lambda: "".join(secrets.choice("bcdfghjkqrstvwxyz") for _ in range(8)))

    @property
    def name(self) -> str:
        """What they will be called."""
        return f"Reader {self.word}"

    @property
    def email(self) -> str:
        return f"{self.word}@example.org"

    def becomes_a_reader(self) -> None:
        """Make an account in the tab that the element opens, and confirm its address by the letter."""
        with self.page.expect_popup() as opening:
            self.page.get_by_role("link", name="Create an account").click()
        tab = opening.value
        tab.get_by_label("E-mail address").fill(self.email)
        tab.get_by_label("Display name").fill(self.name)
        tab.get_by_label("Password").fill(factories.PASSWORD)
        tab.get_by_label("have read the house rules").check()
        tab.get_by_role("button", name="Sign up").click()
        link = re.search(r"https://\S+/verify\S+", self.embedding.newspaper.letter_to(self.email, "/verify"))
        assert link
        tab.goto(link[0])
        tab.get_by_label("Password").fill(factories.PASSWORD)
        tab.get_by_role("button", name="Confirm my address").click()
        expect(tab.get_by_text("your address is confirmed")).to_be_visible()
        tab.close()

    def is_known(self) -> None:
        """A page that has just come knows who reads it: on a site that is not ours by the window alone."""
        come_back(self.page, self.host, self.name)

    def is_known_again(self) -> None:
        """Sign in from the article, once all sessions have ended: on a page of ours, or in its window."""
        expect(self.page.get_by_role("button", name="Sign in").first).to_be_visible()
        with self.page.expect_popup() as opening:
            self.page.get_by_role("button", name="Sign in").first.click()
        opening.value.get_by_label("E-mail").fill(self.email)
        opening.value.get_by_label("Password").fill(factories.PASSWORD)
        opening.value.get_by_role("button", name="Sign in").click()
        opening.value.get_by_role("button", name=f"Continue as {self.name} at Gazette").click()

    def signs_in_at(self, tab: Page) -> None:
        """A page of ours knows them by our cookie."""


class ReaderOfThePaper(Newcomer):
    """The same, who has a log-in at the paper: its page says who they are, whenever it is asked, and no cookie does."""

    def becomes_a_reader(self) -> None:
        """Log in at the paper, and read the rules."""
        self.page.expose_function("papersWord", lambda: token(self.embedding, self.word, **self.said))
        self.page.evaluate(PAPERS_SCRIPT)
        self.page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {PAPERS_SCRIPT} }})")
        with self.page.expect_popup() as opening:
            self.page.get_by_role("button", name="Read the rules").click()
        tab = opening.value
        self.signs_in_at(tab)
        tab.get_by_role("button", name="I accept these rules").click()
        tab.close()

    @property
    def said(self) -> dict[str, Any]:
        """The paper says nothing of a right to write: they pay here."""
        return {"name": self.name, "email": self.email, "entitled_until": None}

    def is_known(self) -> None:
        come_back(self.page)

    def is_known_again(self) -> None:
        """By the paper's word, that is all: a ban has ended what there was."""

    def signs_in_at(self, tab: Page) -> None:
        tab.get_by_role("main").get_by_role("link", name="Sign in").click()
        log_in(tab, self.embedding, self.word, **self.said)


@pytest.mark.parametrize(("host", "kind"), [(WWW, Newcomer), (OTHER, Newcomer), (OTHER, ReaderOfThePaper)])
def test_from_nobody_to_a_subscriber_who_is_answered_reported_and_heard(
    embedding: Embedding, host: str, kind: type[Newcomer], request: pytest.FixtureRequest
) -> None:
    if kind is ReaderOfThePaper:
        request.getfixturevalue("_paper_signs_in")
    url, ada = embedding.article(host), strict(embedding)
    who = kind(embedding, host, ada)
    name = who.name
    ada.goto(url)
    expect(ada.get_by_role("button", name="Sign in").first).to_be_visible()
    expect(ada.get_by_role("textbox")).to_have_count(0)
    who.becomes_a_reader()
    who.is_known()
    subscribe(ada)
    come_back(ada)
    ada.get_by_role("textbox", name="Join the conversation").fill(SAID)
    ada.get_by_role("button", name="Post comment").click()
    expect(ada.locator("article.comment")).to_contain_text(SAID)

    ben = reader(embedding, url, subscriber(embedding))
    ben.get_by_role("button", name=f"Reply to {name}").click()
    ben.get_by_role("textbox", name=f"Your reply to {name}").fill(ANSWERED)
    ben.get_by_role("button", name="Post reply").click()
    expect(ben.get_by_text(ANSWERED)).to_be_visible()
    told(who)

    # who pays nothing may report
    cyd = reader(embedding, url, embedding.newspaper.member())
    cyd.get_by_role("button", name=f"Report the comment by {name}").click()
    cyd.get_by_label("No threats").check()
    cyd.get_by_role("button", name="Report", exact=True).last.click()
    expect(cyd.get_by_text("Thank you. A moderator will look at it")).to_be_visible()
    ban(embedding)

    # it is gone under the article, and so is the right to write
    ben.goto(url)
    expect(ben.get_by_text("Removed by a moderator")).to_be_visible()
    expect(ben.get_by_text(SAID)).to_have_count(0)
    ada.reload()
    who.is_known_again()
    expect(ada.get_by_text("withdrawn for good")).to_be_visible()
    appeal(who)
    overturn(embedding)
    come_back(ada)
    ada.get_by_role("textbox", name="Join the conversation").fill("Thank you for looking again.")
    ada.get_by_role("button", name="Post comment").click()
    expect(ada.get_by_text("Thank you for looking again.")).to_be_visible()
    ben.reload()
    expect(ben.get_by_text(SAID)).to_be_visible()
    for page in (ada, ben, cyd):
        page.context.close()


def come_back(page: Page, host: str = WWW, name: str = "") -> None:
    """From a tab of ours to the article; a page of another site than ours is told who reads it by the window alone."""
    page.evaluate("dispatchEvent(new Event('focus'))")
    if host == OTHER:
        with page.expect_popup() as opening:
            page.get_by_role("button", name="Sign in").first.click()
        opening.value.get_by_role("button", name=f"Continue as {name} at Gazette").click()
        # its word comes a moment later
        expect(page.get_by_role("button", name="Sign in")).to_have_count(0)


def subscribe(page: Page) -> None:
    """Pay in the tab that the element opens."""
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Subscribe").click()
    tab = opening.value
    tab.get_by_role("button", name="Subscribe").click()
    # a card of their own: whoever pays with that of a banned reader has to wait for a moderator
    tab.get_by_label("Card number").fill("4" + "".join(secrets.choice("0123456789") for _ in range(15)))
    tab.get_by_role("button", name=re.compile("Subscribe for")).click()
    expect(tab.get_by_text("Your payment has arrived.")).to_be_visible()
    tab.close()


def reader(embedding: Embedding, url: str, account: Account) -> Page:
    """Somebody else before the article, signed in."""
    page = strict(embedding)
    sign_in(page, account)
    page.goto(url)
    if f"//{OTHER}/" in url:
        come_back(page, OTHER, account.name)
    return page


def told(who: Newcomer) -> None:
    """The bell under another article says that somebody has answered; then back to the first."""
    page, embedding = who.page, who.embedding

    def notified() -> int:
        with embedding.newspaper.database.reading() as session:
            account = select(Account.id).where(Account.name == who.name).scalar_subquery()
            return len(session.scalars(select(Notification.id).where(Notification.account_id == account)).all())

    eventually(lambda: notified() == 1, seconds=120)
    url = page.url
    page.goto(embedding.article(who.host))
    who.is_known()
    page.get_by_role("button", name="Notifications, 1 new").click()
    expect(page.locator(".told li")).to_contain_text("has answered you on")
    page.goto(url)


def staff(embedding: Embedding) -> Page:
    """A moderator at the desk."""
    page = embedding.open(base_url=f"https://{COMMENTS}")
    sign_in(page, embedding.newspaper.member(MODERATOR))
    return page


def ban(embedding: Embedding) -> None:
    """A moderator finds the report in the queue, and bans."""
    desk = staff(embedding)
    desk.goto("/queue")
    desk.get_by_text(SAID).click()
    desk.get_by_label("No threats").check()
    desk.get_by_label("Reason").fill(REASON)
    desk.get_by_role("button", name="Ban").click()
    expect(desk.get_by_role("status").first).to_contain_text("Banned")
    desk.context.close()


def appeal(who: Newcomer) -> None:
    """From the article to the statement of reasons, and the answer to it."""
    with who.page.expect_popup() as opening:
        who.page.get_by_role("button", name="Reasons and appeal").click()
    tab = opening.value
    who.signs_in_at(tab)
    tab.get_by_role("link", name="the appeal").click()
    expect(tab.get_by_text(REASON)).to_be_visible()
    tab.get_by_label("Why is the decision wrong?").fill(PLEA)
    tab.get_by_role("button", name="Send the appeal").click()
    expect(tab.get_by_text("It has not been answered yet.")).to_be_visible()
    tab.close()


def overturn(embedding: Embedding) -> None:
    """Another moderator finds for it."""
    desk = staff(embedding)
    desk.goto("/queue?kind=appeal")
    desk.get_by_text(PLEA).click()
    desk.get_by_label("Your reply").fill("You are right, and we are sorry.")
    desk.get_by_role("button", name="Overturn").click()
    expect(desk.get_by_role("status").first).to_be_visible()
    desk.context.close()
