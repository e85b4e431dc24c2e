"""What a reader meets in the element who is asked to put it differently: two ways to send it, and no empty round."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.models import Account, Site
from tests.support import factories
from tests.support.embedding import Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser
RUDE, KIND = "Only a fool believes this.", "I do not believe this."
FORMS = {
    "a comment": ("Write a comment", "Join the conversation", "Post comment"),
    "a reply": ("Reply to", "Your reply", "Post reply"),
    "an edit": ("Edit your comment", "Your comment", "Save"),
}


def nudged(embedding: Embedding, page: Page, form: str) -> tuple[Locator, list[str]]:
    """Somebody who has been asked, at this form; and what the element asks of us from then on."""
    opener, label, send = FORMS[form]
    url, reader = embedding.article(), subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        for _ in range(10):  # so many that the way up to the place to write in is offered, too
            factories.comment(session, story, factories.account(session))
        factories.comment(session, story, session.get_one(Account, reader.id), "What I meant.")
    sign_in(page, reader)
    page.goto(url)
    page.get_by_text("You write as").wait_for()
    page.get_by_role("button", name=opener).first.click()
    page.get_by_role("textbox", name=label).fill(RUDE)
    page.get_by_role("button", name=send).click()
    expect(page.get_by_role("alert")).to_contain_text("Would you like to put it differently?")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "/api/v1/" in request.url else None)
    return page.locator("form.write").filter(has=page.get_by_role("textbox", name=label)), asked


@pytest.mark.parametrize("form", FORMS)
def test_the_first_button_sends_it_changed_and_the_second_as_it_is(embedding: Embedding, page: Page, form: str) -> None:
    there, _ = nudged(embedding, page, form)
    first, second = there.locator(".send button:visible").all()[:2]
    expect(first).to_have_text("Post it changed")
    expect(second).to_have_text("Post it as it is")
    expect(second).to_have_class("quiet")
    there.get_by_role("textbox").fill(KIND)
    first.click()
    expect(page.get_by_role("article").filter(has_text=KIND).last).to_be_focused()


@pytest.mark.parametrize("form", FORMS)
def test_what_was_not_changed_is_said_to_be_so_without_asking_us(embedding: Embedding, page: Page, form: str) -> None:
    there, asked = nudged(embedding, page, form)
    there.get_by_role("textbox").press("End")
    there.get_by_role("textbox").press_sequentially("  ")
    there.get_by_role("button", name="Post it changed").click()
    expect(there.get_by_role("alert")).to_contain_text("You have changed nothing yet.")
    expect(there.get_by_role("alert")).to_contain_text("Would you like to put it differently?")
    assert asked == []


@pytest.mark.parametrize("form", FORMS)
def test_as_it_is_it_is_sent_all_the_same(embedding: Embedding, page: Page, form: str) -> None:
    there, asked = nudged(embedding, page, form)
    there.get_by_role("button", name="Post it as it is").click()
    expect(page.get_by_role("article").filter(has_text=RUDE).last).to_be_focused()
    assert asked[0] == ("PATCH" if form == "an edit" else "POST")


def test_the_next_comment_is_written_as_any_other(embedding: Embedding, page: Page) -> None:
    there, _ = nudged(embedding, page, "a comment")
    there.get_by_role("textbox").fill(KIND)
    there.get_by_role("button", name="Post it changed").click()
    expect(there.get_by_role("button", name="Post comment")).to_be_visible()
    expect(there.get_by_role("button", name="Post it as it is")).to_be_hidden()
