"""All our pages, one after the other, in the states in which they are seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import clock
from app.billing import grants
from app.models import Account, Site, Statement
from app.models.notification import MENTION, REPLY
from app.models.role import EDITOR, MODERATOR
from app.notifications import unsubscribing
from config import policy
from tests.support import factories, moderating
from tests.support.newspaper import Newspaper, sign_in

EVERYONE = (
    "/",
    "/rules",
    "/privacy",
    "/api",
    "/sign-in",
    "/sign-up",
    "/sso/continue",
    "/forgot",
    "/nowhere",
    "/reset?token=made-up",
    "/verify?token=no",
    "/unsubscribe?token=no",
)
SIGNED_IN = (
    *("/account", "/account/erase", "/account/letters", "/account/comments"),
    *("/notifications", "/statements", "/subscription"),
    *("/subscription/claim?token=no", "/subscription/confirm?token=no"),
)


@dataclass(frozen=True)
class Scene:
    """A story with a conversation, its reader, who may write, and a comment of theirs."""

    story: str
    reader: Account
    comment: str
    author: str
    mine: str
    item: str

    @property
    def pages(self) -> list[str]:
        """Where comments are read, names and comments reported, and comments edited."""
        of_comment = ("", "/replies", "/report", "/notice")
        return [self.story, *(self.comment + page for page in of_comment), f"{self.author}/report", f"{self.mine}/edit"]


def scene_of(newspaper: Newspaper) -> Scene:
    """It, made anew."""
    reader = newspaper.member()
    with newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        until = clock.now() + timedelta(days=1)
        grants.give(session, factories.staff(session, EDITOR).id, reader.id, site.id, "A guest.", until)
        story = factories.story(session, site)
        author = factories.account(session)
        root = factories.comment(session, story, author, "The ferry should stay. *Nobody* asked the islands.")
        mine = factories.comment(session, story, reader, "They were asked twice.", parent=root)
        letter = factories.comment(session, story, author, "By letter, in August.", parent=mine)
        factories.comment(session, story, author, "And in September.", parent=letter)
        factories.comment(session, story, reader, "This one waits.", state="held")
        factories.comment(session, story, reader, "And this one does not.")
        item = moderating.ask(session, policy.load(newspaper.settings.policy), root)
    return Scene(
        f"/stories/{story.id}",
        reader,
        f"/comments/{root.id}",
        f"/readers/{author.id}",
        f"/comments/{mine.id}",
        f"/queue/{item.id}",
    )


def warn(newspaper: Newspaper, reader: Account) -> str:
    """A statement of reasons for `reader`, who is warned."""
    house = policy.load(newspaper.settings.policy)
    with newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one())
        account = session.get_one(Account, reader.id)
        desk = moderating.Desk(session, newspaper.settings, house, story, account, moderating.moderator(session))
        desk.decide(moderating.ask(session, house, desk.comment()), "warn", "topic", "It was about something else.")
        return f"/statements/{session.scalars(select(Statement.id).where(Statement.account_id == reader.id)).one()}"


def walk(page: Page, newspaper: Newspaper) -> Iterator[str]:
    """Go from page to page, as nobody and then as a reader; the name of each once it is there."""
    scene = scene_of(newspaper)
    for path in (*EVERYONE, scene.story, scene.comment, f"{scene.comment}/notice", f"{scene.mine}/edit"):
        page.goto(path)
        yield f"nobody at {path}"
    yield from refused_sign_up(page)
    yield from noticed(page, scene)
    yield from window(page, newspaper, scene)
    for path in (*SIGNED_IN, *scene.pages):
        page.goto(path)
        yield path
    yield from refused_forms(page, scene)
    yield from written(page, scene)
    statement = warn(newspaper, scene.reader)
    sign_in(page, scene.reader.email)
    for path in ("/account", scene.story, "/statements", statement):
        page.goto(path)
        yield f"{path}, warned"
    page.goto(unsubscribing.link(newspaper.settings, scene.reader.id, [REPLY, MENTION]))
    yield "letters that would end"
    page.get_by_role("button", name="No more letters").click()
    yield "letters that have ended"
    sign_in(page, newspaper.member(MODERATOR).email)
    for path in ("/queue", scene.item, "/queue/log", "/readers", scene.author):
        page.goto(path)
        yield f"{path} at the desk"


def refused_sign_up(page: Page) -> Iterator[str]:
    page.goto("/sign-up")
    send(page, "/sign-up")
    yield "a refused sign-up"
    page.get_by_label("E-mail address").fill(f"{id(page)}@example.org")
    page.get_by_label("Display name").fill("Somebody New")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_label("have read the house rules").check()
    page.get_by_role("button", name="Sign up").click()
    yield "check your mail"


def noticed(page: Page, scene: Scene) -> Iterator[str]:
    """What whoever gives a legal notice sees of it afterwards."""
    page.goto(f"{scene.comment}/notice")
    page.get_by_label("Why is this comment illegal?").fill("It is a threat.")
    page.get_by_label("I believe in good faith").check()
    page.get_by_role("button", name="Send the notice").click()
    page.wait_for_url("**/notices/*")
    yield "a notice that was given"


def window(page: Page, newspaper: Newspaper, scene: Scene) -> Iterator[str]:
    """The window by which readers sign in on an article elsewhere, from nobody to the reader of the scene."""
    page.goto(f"/embed/window?origin={newspaper.address}&nonce={'n' * 24}")
    yield "nobody in the window"
    page.get_by_label("E-mail address").fill(str(scene.reader.email))
    for password, name in (("a wrong one", "refused in the window"), (factories.PASSWORD, "signed in in the window")):
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        yield name
    page.get_by_role("button", name="Continue as").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    yield "the window that has told the page"
    page.goto("/embed/window?origin=https://another.example&nonce=")
    yield "the window of a page that is not the paper's"


def refused_forms(page: Page, scene: Scene) -> Iterator[str]:
    for path, action in (
        (f"{scene.comment}/report", f"{scene.comment}/report"),
        (f"{scene.comment}/notice", f"{scene.comment}/notice"),
        ("/account/erase", "/account/erase"),
        ("/account", "/account/password"),
    ):
        page.goto(path)
        send(page, action)
        yield f"refused {action}"


def written(page: Page, scene: Scene) -> Iterator[str]:
    page.goto(scene.story)
    page.get_by_role("textbox", name="Join the conversation").fill("You are a stupid idiot, really.")
    page.get_by_role("button", name="Post comment").click()
    yield "answered with a nudge or held"
    page.goto(scene.story)
    page.get_by_role("textbox", name="Join the conversation").fill("The winter timetable is the point.")
    page.get_by_role("button", name="Preview").first.click()
    yield "previewed"
    page.get_by_role("button", name="Post comment").click()
    yield "posted"
    page.goto(scene.story)
    page.locator("article", has_text="Nobody asked the islands").locator("summary", has_text="Reply").click()
    page.get_by_role("button", name="Quote").click()
    yield "quoted"


def send(page: Page, action: str) -> None:
    """Send a form as it is, although its fields say that they are required."""
    form = page.locator(f"form[action='{action}']")
    form.evaluate("form => { form.noValidate = true }")
    form.get_by_role("button").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
