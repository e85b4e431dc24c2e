"""A reader reports and a moderator decides, in two browsers without JavaScript, at the desk with keys alone."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Comment, Site
from app.models.role import MODERATOR
from tests.support import factories
from tests.support.newspaper import Newspaper, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def comment(newspaper: Newspaper) -> Comment:
    with newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        author = factories.account(session)
        return factories.comment(session, factories.story(session, site), author, "What a fool you are.")


def _access_key(page: Page, letter: str) -> None:
    """Press Alt and a letter. Playwright's own keyboard leaves out the text by which Chromium finds the access key."""
    key = {"modifiers": 1, "key": letter, "windowsVirtualKeyCode": ord(letter.upper())}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": letter, "unmodifiedText": letter, **key})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def test_a_report_is_decided_with_one_key_and_undone(
    reader: Page, another: Page, newspaper: Newspaper, comment: Comment
) -> None:
    reader.goto(f"/comments/{comment.id}/report")
    reader.get_by_role("main").get_by_role("link", name="Sign in").click()
    account = newspaper.member()
    reader.get_by_label("E-mail").fill(str(account.email))
    reader.get_by_label("Password").fill(factories.PASSWORD)
    reader.get_by_role("button", name="Sign in").click()
    reader.get_by_label("Argue with the point").check()
    reader.get_by_label("Anything the moderators should know").fill("Name-calling.")
    reader.get_by_role("button", name="Report", exact=True).click()
    expect(reader.get_by_text("A moderator will look at it")).to_be_visible()

    sign_in(another, newspaper.member(MODERATOR).email)
    another.goto("/queue")
    another.get_by_role("link", name="What a fool you are.").click()
    expect(another.get_by_text("Name-calling.")).to_be_visible()
    _access_key(another, "r")
    expect(another.get_by_role("status")).to_contain_text("Removed")
    assert _state(newspaper, comment) == "removed"

    another.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(another.get_by_text("Undone.")).to_be_visible()
    assert _state(newspaper, comment) == "published"


def test_the_desk_fits_a_telephone(another: Page, newspaper: Newspaper, comment: Comment) -> None:
    sign_in(another, newspaper.member(MODERATOR).email)
    another.set_viewport_size({"width": 360, "height": 740})
    another.goto(f"/comments/{comment.id}/report")
    another.get_by_role("button", name="Decide on it yourself").click()
    for path in (another.url, "/queue", "/queue/log", f"/readers/{comment.account_id}"):
        another.goto(path)
        main = another.locator("main").bounding_box()
        assert main is not None
        assert main["width"] <= 360
        assert all(
            box["x"] + box["width"] <= 360
            for element in another.locator("main :visible").all()
            if (box := element.bounding_box()) is not None
        ), path
    # where colours are forced a severe item and what is chosen still differ from the others
    another.emulate_media(forced_colors="active")
    another.goto("/queue")
    canvas = _colour(another, "body", "background-color")
    assert _colour(another, ".waiting:not(.severe)", "border-inline-start-color") == canvas
    assert _colour(another, ".filters a[aria-current]", "background-color") != canvas
    another.goto(f"/stories/{comment.story_id}")
    chosen, other = ".order a[aria-current]", ".order a:not([aria-current])"
    assert _colour(another, chosen, "border-block-end-color") != _colour(another, other, "border-block-end-color")


def _colour(page: Page, selector: str, of: str) -> str:
    found: str = page.locator(selector).first.evaluate("(it, of) => getComputedStyle(it).getPropertyValue(of)", of)
    return found


def _state(newspaper: Newspaper, comment: Comment) -> str:
    with newspaper.database.reading() as session:
        return session.get_one(Comment, comment.id).state
