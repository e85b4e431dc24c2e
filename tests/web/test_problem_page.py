"""The page that says that something did not work: a sentence, the way back, and the step that helps."""

import re

import pytest

from app.db import Database
from app.models import Account, Comment, Site
from tests.support import factories
from tests.support.callers import Browser, OpenBrowser


@pytest.fixture
def comment(database: Database, site: Site) -> Comment:
    with database.transaction() as session:
        return factories.comment(session, factories.story(session, site), factories.account(session))


def back(page: str) -> str:
    found = re.search(r'<a href="([^"]*)" data-back>', page)
    assert found, page
    return found[1]


def told(window: Browser, path: str, referer: str = "") -> str:
    return window.client.get(path, headers={"Accept": "text/html", "Referer": referer}).text


def test_it_says_no_codes_to_people(browser: OpenBrowser) -> None:
    page = told(browser(None), "/nowhere")
    assert 'data-problem="not_found"' in page
    words = re.sub(r"<[^>]*>", " ", page)
    assert "not_found" not in words
    assert "404" not in words


@pytest.mark.parametrize(
    ("referer", "leads_to"),
    [
        ("http://localhost/rules", "/rules"),
        ("http://localhost/sign-in?next=/rules", "/sign-in?next=/rules"),
        ("http://localhost", "/"),
        ("http://localhost/nowhere", "/"),
        ("http://localhost/sign-out", "/"),
        ("http://localhost//evil.example/x", "/"),
        ("https://evil.example/rules", "/"),
        ("http://localhost:bad/rules", "/"),
        ("", "/"),
    ],
)
def test_it_leads_back_to_a_page_of_ours_that_can_be_opened(browser: OpenBrowser, referer: str, leads_to: str) -> None:
    assert back(told(browser(None), "/nowhere", referer)) == leads_to


def test_it_leads_back_to_the_story(browser: OpenBrowser, comment: Comment) -> None:
    story = f"/stories/{comment.story_id}"
    page = told(browser(None), "/comments/1", f"http://localhost{story}?sort=oldest")
    assert back(page) == f"{story}?sort=oldest"
    assert "Back to the story" in page
    # a form that was refused before stands at an address that is none to open
    assert back(told(browser(None), "/comments/1", f"http://localhost{story}/comments")) == story


def test_without_a_referer_it_leads_to_the_page_that_is_remembered(browser: OpenBrowser, comment: Comment) -> None:
    window = browser(None)
    window.get(f"/sign-up?next=/stories/{comment.story_id}")
    assert back(told(window, "/nowhere")) == f"/stories/{comment.story_id}"


def test_who_has_to_sign_in_comes_back_to_where_they_were(browser: OpenBrowser, comment: Comment) -> None:
    window, story = browser(None), f"/stories/{comment.story_id}"
    page = told(window, f"/comments/{comment.id}/report", f"http://localhost{story}")
    assert f'href="/sign-in?next=/comments/{comment.id}/report"' in page
    form = {"csrf_token": window.csrf(), "text": "What I say."}
    headers = {"Accept": "text/html", "Referer": f"http://localhost{story}"}
    page = window.client.post(f"{story}/comments", data=form, headers=headers).text
    assert f'href="/sign-in?next={story}"' in page
    assert back(page) == story


def test_the_address_of_a_form_is_told_in_words(browser: OpenBrowser, database: Database) -> None:
    with database.transaction() as session:
        reader: Account = factories.account(session)
    answer = browser(reader).get("/account/password")
    assert answer.status_code == 405
    assert "cannot be opened by itself" in answer.text
    assert back(answer.text) == "/account"
