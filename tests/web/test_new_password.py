"""A password that others would guess is refused wherever one is chosen: signing up, changing it, by letter."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import one_time_tokens
from app.db import Database
from app.models import Account
from app.models.one_time_token import RESET
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD

GUESSABLE = ["1234567890", "aaaaaaaaaa", "ada@example.org", "Ada Lovelace", "Harbour Gazette", "Coast Courier 1"]
Choose = Callable[[str], TestResponse]


@pytest.fixture
def ada(database: Database, settings: Settings) -> Account:
    with database.transaction() as session:
        factories.site(session, "coast-courier")
        return factories.account(session, "Ada Lovelace", email="ada@example.org", settings=settings, password=PASSWORD)


@pytest.fixture(params=["sign-up", "change", "reset"])
def choose(
    request: pytest.FixtureRequest,
    client: FlaskClient,
    database: Database,
    settings: Settings,
    ada: Account,
    bearer: Bearer,
) -> Choose:
    """Choose a password in one of the three ways."""
    with database.transaction() as session:
        token = one_time_tokens.issue(session, settings, ada.id, RESET)

    def attempt(password: str) -> TestResponse:
        match request.param:
            case "sign-up":
                body = {"email": "ada@example.org", "name": "Ada Lovelace II", "password": password}
                return client.post("/api/v1/accounts", json=body)
            case "change":
                body = {"password": PASSWORD, "new_password": password}
                return client.put("/api/v1/me/password", json=body, headers=bearer(ada))
            case _:
                return client.post("/api/v1/password-resets/use", json={"token": token, "password": password})

    return attempt


@pytest.mark.parametrize("password", GUESSABLE)
def test_a_password_that_others_would_guess_is_refused(choose: Choose, password: str) -> None:
    answer = choose(password)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "password_guessable")


def test_a_refused_password_uses_nothing_up(choose: Choose) -> None:
    assert choose("1234567890").status_code == 422
    assert choose("another long password").status_code < 300


def test_the_page_says_why_and_what_would_do(ada: Account, browser: OpenBrowser) -> None:
    form = {"password": PASSWORD, "new_password": "1234567890"}
    assert "Four words" in browser(ada).post("/account/password", form, follow_redirects=True).text
