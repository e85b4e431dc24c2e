"""Whoever is refused for asking too often (429) is told in words how long to wait, wherever that is said."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import Database
from app.errors import TooMany
from app.models import Account, Comment, Site
from tests.support import factories
from tests.support.callers import Browser, OpenBrowser

WAIT = re.compile(r"Please (?:try again|go on) in \d+ (?:second|minute|hour)s?\b")


@pytest.fixture
def reader(database: Database) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


@pytest.fixture
def comment(database: Database, site: Site) -> Comment:
    with database.transaction() as session:
        return factories.comment(session, factories.story(session, site), factories.account(session))


def at_last(window: Browser, path: str, form: dict[str, str]) -> TestResponse:
    """The answer when it has become too often."""
    for _ in range(130):
        answer = window.post(path, form)
        if answer.status_code == 429:
            return answer
    raise AssertionError("never refused")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (40, "40 seconds"), (90, "2 minutes"), (121, "3 minutes"), (86000, "24 hours")],
)
def test_the_wait_is_rounded_up(seconds: int, words: str) -> None:
    assert TooMany(retry_after=seconds).detail() == f"That was a little fast. Please try again in {words}."


@pytest.mark.usefixtures("no_window_ends")
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/sign-in", {"email": "ada@example.org", "password": "a wrong password"}),
        ("/sign-up", {}),
        ("/forgot", {"email": "ada@example.org"}),
        ("/verify", {"token": "made up", "password": "a wrong password"}),
        ("/reset", {"token": "made up", "password": "a wrong password"}),
    ],
)
def test_a_page_for_everyone_says_for_how_long(browser: OpenBrowser, path: str, form: dict[str, str]) -> None:
    assert WAIT.search(at_last(browser(None), path, form).text)


@pytest.mark.usefixtures("no_window_ends")
@pytest.mark.parametrize("path", ["/account/password", "/account/erase"])
def test_a_page_of_the_account_says_for_how_long(browser: OpenBrowser, reader: Account, path: str) -> None:
    assert WAIT.search(at_last(browser(reader), path, {"password": "wrong", "sure": "yes"}).text)


def test_whoever_writes_or_reports_too_fast_hears_it_too(
    browser: OpenBrowser, reader: Account, comment: Comment, database: Database
) -> None:
    window = browser(reader)
    writing = (window.post(f"/stories/{comment.story_id}/comments", {"text": f"No. {n}"}) for n in range(99))
    assert WAIT.search(next(answer for answer in writing if answer.status_code == 429).text)
    with database.transaction() as session:
        story, author = factories.story(session, session.get_one(Site, comment.site_id)), factories.account(session)
        others = [factories.comment(session, story, author).id for _ in range(60)]
    reporting = (window.post(f"/comments/{other}/report", {"rule": "respect"}) for other in others)
    assert WAIT.search(next(answer for answer in reporting if answer.status_code == 429).text)


def test_so_does_a_program(client: FlaskClient) -> None:
    for _ in range(11):
        answer = client.post("/api/v1/tokens", json={"email": "ada@example.org", "password": "wrong"})
    assert answer.status_code == 429
    assert WAIT.search(answer.get_json()["detail"])
    assert answer.headers["Retry-After"] == str(answer.get_json()["retry_after"])
