"""The whole job in browsers without JavaScript: sign up, subscribe, write, report, ban, appeal, and be let back."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.models import Account, Comment, Sanction, Site
from app.models.role import MODERATOR
from app.models.sanction import BAN
from tests.support import factories
from tests.support.newspaper import Newspaper, open_page, sign_in

pytestmark = pytest.mark.browser
SAID = "The harbour plan forgets the people who live there, and I can prove it."


def sign_up(page: Page, newspaper: Newspaper, name: str) -> str:
    email = f"{secrets.token_hex(6)}@example.org"
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Display name").fill(name)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_label("have read the house rules").check()
    page.get_by_role("button", name="Sign up").click()
    link = re.search(r"http://\S+/verify\S+", newspaper.letter_to(email, "/verify"))
    assert link
    page.goto(link[0])
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Confirm my address").click()
    return email


def name() -> str:
    """A display name that nobody else has, and that says nothing."""
    return "Reader " + "".join(secrets.choice("bcdfghjkqrstvwxyz") for _ in range(8))


@pytest.fixture
def story(newspaper: Newspaper) -> str:
    with newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).first()
        assert site
        return f"/stories/{factories.story(session, site).id}"


@pytest.fixture
def moderator(newspaper: Newspaper) -> str:
    with newspaper.database.transaction() as session:
        email = f"{secrets.token_hex(6)}@example.org"
        made = factories.account(session, name(), email=email, settings=newspaper.settings, password=factories.PASSWORD)
        factories.give_role(session, made, MODERATOR)
        return email


def test_from_signing_up_to_a_ban_that_holds_and_an_appeal_that_lifts_it(
    newspaper: Newspaper, chromium: Browser, reader: Page, another: Page, story: str, moderator: str
) -> None:
    # anyone reads; nobody writes without an account and a subscription
    reader.goto(story)
    author = name()
    email = sign_up(reader, newspaper, author)
    expect(reader).to_have_url(newspaper.address + story)
    expect(reader.get_by_role("textbox", name="Join the conversation")).to_have_count(0)
    reader.get_by_role("main").get_by_role("link", name="Subscribe").click()
    reader.get_by_role("button", name="Subscribe").click()
    # a card of their own: whoever pays with that of a banned reader has to wait for a moderator
    reader.get_by_label("Card number").fill("5555 5555 5555 4444")
    reader.get_by_role("button", name=re.compile("Subscribe for")).click()
    # back in the composer of the story that they came from
    expect(reader.get_by_text("Your payment has arrived.")).to_be_visible()
    reader.get_by_role("textbox", name="Join the conversation").fill(SAID)
    reader.get_by_role("button", name="Post comment").click()
    expect(reader.get_by_text(SAID)).to_be_visible()

    # another reader, who pays nothing, reports it
    another.goto(story)
    sign_up(another, newspaper, name())
    another.get_by_role("link", name="Report").click()
    another.get_by_label("No threats").check()
    another.get_by_role("main").get_by_role("button", name="Report").click()

    # a moderator finds it in the queue and bans
    desk = open_page(chromium, newspaper)
    sign_in(desk, moderator)
    desk.goto("/queue")
    desk.get_by_text(SAID).click()
    desk.get_by_label("No threats").check()
    desk.get_by_label("Reason").fill("It announces an act of violence.")
    desk.get_by_role("button", name="Ban").click()

    # the session has ended; the comment is gone; signing in again shows why, and nothing can be written
    another.goto(story)
    expect(another.get_by_text(SAID)).to_have_count(0)
    reader.goto("/account")
    expect(reader.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
    sign_in(reader, email)
    reader.goto(story)
    expect(reader.get_by_role("button", name="Post comment")).to_have_count(0)
    expect(reader.get_by_text("withdrawn for good")).to_be_visible()
    newspaper.letter_to(email, "/statements/")

    # paying does not help, and stays possible
    reader.goto("/subscription")
    expect(reader.get_by_text("The subscription itself is not affected.")).to_be_visible()
    expect(reader.get_by_role("button", name="Manage your subscription")).to_be_visible()

    # an appeal does, if another moderator finds for it
    reader.goto("/account")
    reader.get_by_role("link", name="the appeal").click()
    expect(reader.get_by_text("It announces an act of violence.")).to_be_visible()
    reader.get_by_label("Why is the decision wrong?").fill("I announced no act of violence at all.")
    reader.get_by_role("button", name="Send the appeal").click()
    with newspaper.database.transaction() as session:
        second = factories.account(
            session, name(), email=f"b{moderator}", settings=newspaper.settings, password=factories.PASSWORD
        )
        factories.give_role(session, second, MODERATOR)
    judge = open_page(chromium, newspaper)
    sign_in(judge, f"b{moderator}")
    judge.goto("/queue?kind=appeal")
    judge.get_by_text("I announced no act").click()
    judge.get_by_label("Your reply").fill("You are right, and we are sorry.")
    judge.get_by_role("button", name="Overturn").click()

    reader.goto(story)
    expect(reader.get_by_text(SAID)).to_be_visible()
    reader.get_by_role("textbox", name="Join the conversation").fill("Thank you for looking again.")
    reader.get_by_role("button", name="Post comment").click()
    expect(reader.get_by_text("Thank you for looking again.")).to_be_visible()
    with newspaper.database.reading() as session:
        account = session.scalars(select(Account).where(Account.name == author)).one()
        assert session.scalars(select(Sanction).where(Sanction.account_id == account.id)).one().lifted_at
        assert session.scalars(select(Sanction.kind).where(Sanction.account_id == account.id)).one() == BAN
        states = set(session.scalars(select(Comment.state).where(Comment.account_id == account.id)))
        assert states == {"published"}
