"""What there is to see of the element: its states, and how each comes about."""

from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Site, Story
from app.models.comment import HELD, REMOVED
from app.models.sanction import BAN
from app.models.story import CLOSED
from app.stories import publication
from tests.support import factories
from tests.support.embedding import COMMENTS, Embedding, key_of, sign_in, subscriber

TEXT = "The council **knew** about this in March.\n\n> We were told in April.\n\n- First the ferry\n- then the lock"


def reading(_page: Page) -> None:
    """As it comes."""


def replying(page: Page) -> None:
    page.get_by_role("button", name="Reply to").first.click()


def reporting(page: Page) -> None:
    page.get_by_role("button", name="Report the comment").first.click()


def deleting(page: Page) -> None:
    page.get_by_role("button", name="Delete your comment").first.click()


def editing(page: Page) -> None:
    page.get_by_role("button", name="Edit your comment").first.click()
    page.get_by_role("textbox", name="Your comment").wait_for()


def being_refused(page: Page) -> None:
    page.get_by_role("textbox", name="Join the conversation").fill("x" * 6000)
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("alert").filter(has_text="characters").wait_for()


def previewing(page: Page) -> None:
    page.get_by_role("textbox", name="Join the conversation").fill("A **thought**.")
    page.get_by_role("button", name="Preview").first.click()
    page.locator(".preview strong").wait_for()


def naming(page: Page) -> None:
    page.get_by_role("textbox", name="Join the conversation").press_sequentially("As @Rea")
    page.get_by_role("button", name="@Reader").wait_for()


def being_nudged(page: Page) -> None:
    page.get_by_role("textbox", name="Join the conversation").fill("Only a fool believes this.")
    page.get_by_role("button", name="Post comment").click()
    page.get_by_role("button", name="Post it changed").click()
    page.get_by_text("You have changed nothing yet.").wait_for()


def muting(page: Page) -> None:
    page.get_by_role("button", name="Mute Reader").first.click()
    page.get_by_text("You have muted").first.wait_for()


def called(page: Page) -> None:
    page.locator(".replies .when").first.click()
    page.locator("article.called").wait_for()


def losing(page: Page) -> None:
    page.evaluate("location.hash = 'comment-17'")
    page.get_by_text("The comment that you came for").wait_for()


def being_told(page: Page) -> None:
    page.get_by_role("button", name="Notifications").click()
    page.locator(".told a").first.wait_for()


def asking_to_reply(page: Page) -> None:
    page.get_by_role("button", name="Reply to").first.click()
    page.locator(".place").first.wait_for()


def member(**options: Any) -> Callable[[Embedding], Account]:
    def make(embedding: Embedding) -> Account:
        account = embedding.newspaper.member()
        with embedding.newspaper.database.transaction() as session:
            found = session.get_one(Account, account.id)
            if options.get("banned"):
                factories.sanction(session, found, BAN, at=session.scalars(select(Site)).one())
            if options.get("rules"):
                found.rules_version = None
        return account

    return make


STATES: dict[str, tuple[Callable[[Embedding], Account] | None, Callable[[Page], None]]] = {
    "anonymous": (None, reading),
    "called to a comment": (None, called),
    "called to none": (None, losing),
    "subscriber": (subscriber, reading),
    "replying": (subscriber, replying),
    "reporting": (subscriber, reporting),
    "editing": (subscriber, editing),
    "deleting": (subscriber, deleting),
    "refused": (subscriber, being_refused),
    "previewing": (subscriber, previewing),
    "naming": (subscriber, naming),
    "nudged": (subscriber, being_nudged),
    "muting": (subscriber, muting),
    "being told": (subscriber, being_told),
    "without a subscription": (member(), asking_to_reply),
    "without the rules": (member(rules=True), asking_to_reply),
    "banned": (member(banned=True), asking_to_reply),
}


def bring_about(embedding: Embedding, page: Page, state: str) -> None:
    """Open an article of its own, whose comments and reader are in this state."""
    make, act = STATES[state]
    url = embedding.article()
    account = make(embedding) if make else None
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        other = factories.account(session)
        first = factories.comment(session, story, other, TEXT)
        for number in range(4):
            factories.comment(session, story, other, f"A reply, the {number}th of them.", parent=first)
        publication.pick(session, first, 1)
        gone = factories.comment(session, story, other, state=REMOVED)
        factories.comment(session, story, other, parent=gone)
        if account:
            mine = session.get_one(Account, account.id)
            answered = factories.comment(session, story, mine)
            factories.comment(session, story, other, parent=answered)
            factories.comment(session, story, mine, state=HELD)
    if account:
        sign_in(page, account)
    page.goto(url)
    page.locator("article.comment").nth(2).wait_for()
    if account:
        page.get_by_text("Only you see this").wait_for()
    act(page)


def failures(embedding: Embedding, page: Page) -> Iterator[str]:
    """The same for what fails while somebody writes, one after the other; the name of each once it is there."""
    url, account = embedding.article(), subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        factories.comment(session, story, factories.account(session), TEXT)
    sign_in(page, account)
    page.goto(url)
    page.get_by_role("textbox", name="Join the conversation").fill("What I have to say.")

    def post(answer: str) -> str:
        page.get_by_role("button", name="Post comment").click()
        page.get_by_role("alert").filter(has_text=answer).wait_for()
        return answer

    page.route("**/comments", lambda route: route.abort())
    yield post("cannot be reached at the moment. What you typed is kept here.")
    page.unroute_all()
    with embedding.newspaper.database.transaction() as session:
        session.get_one(Account, account.id).rules_version = None
    yield post("rules")
    with embedding.newspaper.database.transaction() as session:
        session.get_one(Account, account.id).rules_version = factories.RULES_VERSION
        session.get_one(Story, story.id).state = CLOSED
    yield post("closed")
    other = page.context.new_page()
    other.goto(f"https://{COMMENTS}/")
    other.get_by_role("button", name="Sign out").click()
    other.close()
    yield post("Please sign in first")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("textbox")).to_have_count(0)
    page.evaluate("window.open = () => null")
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_text("has blocked the window").wait_for()
    yield "no window"
    page.route("**/comments?*", lambda route: route.abort())
    page.reload()
    page.get_by_role("button", name="Try again").wait_for()
    yield "no comments"
    page.unroute_all()
    page.reload()
    page.get_by_text("has ended").wait_for()
    yield "a story that is closed"
