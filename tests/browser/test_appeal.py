"""A banned reader reads why and appeals, and somebody else overturns; an anonymous one gives legal notice."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Account, Site
from app.models.role import MODERATOR
from config import policy
from tests.support import factories, moderating
from tests.support.newspaper import Newspaper, sign_in

pytestmark = pytest.mark.browser


def _ban(newspaper: Newspaper, author: Account) -> None:
    house = policy.load(newspaper.settings.policy)
    with newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        story = factories.story(session, site)
        account = session.get_one(Account, author.id)
        desk = moderating.Desk(session, newspaper.settings, house, story, account, moderating.moderator(session))
        desk.decide(moderating.ask(session, house, desk.comment()), "ban", "threat", "You wished somebody harm.")


def test_a_banned_reader_appeals_and_is_heard(reader: Page, another: Page, newspaper: Newspaper) -> None:
    author = newspaper.member()
    _ban(newspaper, author)
    sign_in(reader, author.email)
    reader.goto("/account")
    reader.get_by_role("link", name="Decisions about you").click()
    reader.get_by_role("link", name="Statement of reasons").click()
    expect(reader.get_by_text("Your right to comment has been withdrawn for good.")).to_be_visible()
    expect(reader.get_by_text("You wished somebody harm.")).to_be_visible()
    reader.get_by_label("Why is the decision wrong?").fill("I was quoting the play.")
    reader.get_by_role("button", name="Send the appeal").click()
    expect(reader.get_by_text("It has not been answered yet.")).to_be_visible()

    sign_in(another, newspaper.member(MODERATOR).email)
    another.goto("/queue?kind=appeal")
    another.locator("li.waiting a").first.click()
    another.get_by_label("Your reply").fill("So it was.")
    another.get_by_role("button", name="Overturn").click()

    reader.reload()
    expect(reader.get_by_text("The decision has been overturned.")).to_be_visible()
    expect(reader.get_by_text("So it was.")).to_be_visible()
    reader.goto("/account")
    expect(reader.get_by_text("good", exact=True)).to_be_visible()


def test_anyone_gives_legal_notice_and_keeps_the_receipt(reader: Page, newspaper: Newspaper) -> None:
    with newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        author = factories.account(session)
        comment = factories.comment(session, factories.story(session, site), author, "Something forbidden.")
    reader.goto(f"/comments/{comment.id}")
    reader.get_by_role("link", name="Give notice of illegal content").click()
    reader.get_by_label("Why is this comment illegal?").fill("It denies a genocide.")
    reader.get_by_label("I believe in good faith").check()
    reader.get_by_role("button", name="Send the notice").click()
    expect(reader.get_by_text("We have received your notice.")).to_be_visible()
