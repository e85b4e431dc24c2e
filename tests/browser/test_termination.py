"""Two moderators end a banned reader's subscription, in browsers without JavaScript; the reader sees it coming."""

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from app import clock
from app.accounts import identity
from app.models import Account, Job, Site
from app.models.role import MODERATOR
from app.terminations import approval
from config import policy
from tests.support import factories, moderating
from tests.support.newspaper import Newspaper, open_page, sign_in

pytestmark = pytest.mark.browser


def _ban(newspaper: Newspaper, reader: Account) -> None:
    moderator = newspaper.member(MODERATOR)
    with newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one())
        by = identity.load(session, moderator.id, moderator.session_epoch)
        rules = policy.load(newspaper.settings.policy)
        author = session.get_one(Account, reader.id)
        desk = moderating.Desk(session, newspaper.settings, rules, story, author, by)
        desk.decide(moderating.ask(session, rules, desk.comment()), "ban", "threat")


def test_one_proposes_another_approves_and_the_reader_is_told(
    chromium: Browser, reader: Page, another: Page, newspaper: Newspaper
) -> None:
    account = newspaper.member()
    sign_in(reader, account.email)
    reader.goto("/subscription")
    reader.get_by_role("button", name="Subscribe").click()
    reader.get_by_role("button", name="Subscribe for £4.99").click()
    expect(reader.get_by_text("Your subscription is active.")).to_be_visible()
    _ban(newspaper, account)

    sign_in(another, newspaper.member(MODERATOR).email)
    another.goto(f"/readers/{account.id}")
    expect(another.get_by_text("The subscription stays; reading remains.")).to_be_visible()
    another.get_by_text("Propose to end it", exact=True).click()
    another.get_by_label("Why it should end").fill("Third account, third threat.")
    another.get_by_role("button", name="Propose to end it now, with refund").click()
    expect(another.get_by_role("status")).to_contain_text("until then nothing changes")
    another.get_by_role("link", name="See the proposal").click()
    expect(another.get_by_text("Somebody else has to decide it.")).to_be_visible()

    second = open_page(chromium, newspaper)
    sign_in(second, newspaper.member(MODERATOR).email)
    second.goto("/queue?kind=payment")
    second.get_by_role("link", name=account.name).click()
    expect(second.get_by_text("Third account, third threat.")).to_be_visible()
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_role("status")).to_contain_text("Approved")
    second.goto(f"/readers/{account.id}")
    expect(second.get_by_text("until then the approval can be undone")).to_be_visible()

    sign_in(reader, account.email)
    reader.goto("/subscription")
    expect(reader.get_by_text("comes back to you")).to_be_visible()
    with newspaper.database.transaction() as session:
        session.execute(update(Job).where(Job.kind == approval.TERMINATE).values(run_at=clock.now()))
    text = newspaper.letter_to(str(account.email), "£")
    assert "£4.99" in text
    reader.reload()
    expect(reader.get_by_text("Two moderators have decided")).to_contain_text("£4.99")
    second.reload()
    expect(second.get_by_text("£4.99 back to the reader")).to_be_visible()
    second.context.close()
