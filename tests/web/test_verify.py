"""GET and POST /verify, POST /api/v1/accounts/verify: letter and password, or letter and session."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.accounts import one_time_tokens
from app.db import Database
from app.models import Account, OneTimeToken
from app.models.one_time_token import RESET, VERIFY
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD
from tests.support.together import at_once

PATH = "/api/v1/accounts/verify"


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD, verified=False)


@pytest.fixture
def token(database: Database, settings: Settings, ada: Account) -> str:
    """What is in the letter."""
    with database.transaction() as session:
        return one_time_tokens.issue(session, settings, ada.id, VERIFY)


def is_confirmed(database: Database, account: Account) -> bool:
    with database.reading() as session:
        return session.get_one(Account, account.id).verified_at is not None


@pytest.mark.parametrize("password", [None, "", "not the one"])
def test_the_letter_alone_confirms_nothing(
    client: FlaskClient, database: Database, ada: Account, token: str, password: str | None
) -> None:
    body = {"token": token} | ({"password": password} if password is not None else {})
    answer = client.post(PATH, json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_password")
    assert not is_confirmed(database, ada)


def test_neither_does_a_session_of_somebody_else(
    client: FlaskClient, database: Database, ada: Account, token: str, bearer: Bearer
) -> None:
    with database.transaction() as session:
        other = factories.account(session)
    assert client.post(PATH, json={"token": token}, headers=bearer(other)).status_code == 403
    assert not is_confirmed(database, ada)


def test_letter_and_password_do(client: FlaskClient, database: Database, ada: Account, token: str) -> None:
    assert client.post(PATH, json={"token": token, "password": PASSWORD}).status_code == 204
    assert is_confirmed(database, ada)


def test_before_that_the_password_lets_nobody_in_and_is_told_what_a_wrong_one_is_told(
    client: FlaskClient, database: Database, ada: Account, token: str
) -> None:
    right, wrong = ({"email": ada.email, "password": each} for each in (PASSWORD, "not the one"))
    answers = [client.post("/api/v1/tokens", json=body) for body in (right, wrong)]
    assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(401, "wrong_credentials")] * 2
    assert answers[0].get_data() == answers[1].get_data()
    client.post(PATH, json={"token": token, "password": PASSWORD})
    assert client.post("/api/v1/tokens", json=right).status_code == 201


def test_a_password_is_guessed_five_times_at_most(client: FlaskClient, ada: Account, token: str) -> None:
    body = {"token": token, "password": "not the one"}
    assert [client.post(PATH, json=body).status_code for _ in range(6)] == [403] * 5 + [429]


def test_whoever_signed_up_with_a_strangers_address_is_vouched_for_by_nobody(
    client: FlaskClient, database: Database, settings: Settings, ada: Account, token: str, browser: OpenBrowser
) -> None:
    """The stranger follows the link, knows no password, and sets one of their own by letter."""
    stranger = browser(None)
    assert stranger.post("/verify", {"token": token}).status_code == 403
    with database.transaction() as session:
        letter = one_time_tokens.issue(session, settings, ada.id, RESET)
    assert stranger.post("/reset", {"token": letter, "password": "the stranger's own words"}).location == "/account"
    assert is_confirmed(database, ada)
    assert stranger.get("/account").status_code == 200
    assert client.post(PATH, json={"token": token}).status_code == 204


def test_a_link_that_was_used_says_that_the_address_is_confirmed(
    client: FlaskClient, database: Database, ada: Account, token: str, browser: OpenBrowser
) -> None:
    client.post(PATH, json={"token": token, "password": PASSWORD})
    assert client.post(PATH, json={"token": token}).status_code == 204
    reader = browser(None)
    page = reader.get(f"/verify?token={token}")
    assert (page.status_code, "This address is confirmed." in page.text) == (200, True)
    assert "confirmed" in reader.post("/verify", {"token": token}, follow_redirects=True).text
    # which lets nobody in
    assert reader.get("/account").status_code == 401
    with database.transaction() as session:
        row = session.scalars(select(OneTimeToken)).one()
        row.expires_at = row.created_at
    assert client.post(PATH, json={"token": token}).status_code == 204


def test_another_letter_than_the_one_that_was_used_says_so_too(
    client: FlaskClient, database: Database, settings: Settings, ada: Account, token: str
) -> None:
    with database.transaction() as session:
        earlier = one_time_tokens.issue(session, settings, ada.id, VERIFY)
    client.post(PATH, json={"token": token, "password": PASSWORD})
    assert client.post(PATH, json={"token": earlier}).status_code == 204


@pytest.mark.parametrize("spoil", ["unknown", "expired", "void"])
def test_a_link_that_confirms_nothing_is_no_good(
    client: FlaskClient, database: Database, ada: Account, token: str, spoil: str, browser: OpenBrowser
) -> None:
    with database.transaction() as session:
        row = session.scalars(select(OneTimeToken)).one()
        if spoil == "expired":
            row.expires_at = row.created_at
        elif spoil == "void":
            row.used_at = clock.now()
    used = "made up" if spoil == "unknown" else token
    answer = client.post(PATH, json={"token": used, "password": PASSWORD})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "token_invalid")
    page = browser(None).get(f"/verify?token={used}")
    assert (page.status_code, "not good any more" in page.text) == (422, True)


def test_the_same_link_many_times_at_once_confirms_once_and_refuses_nobody(
    app: Flask, database: Database, ada: Account, token: str
) -> None:
    def confirm(_number: int) -> int:
        return app.test_client().post(PATH, json={"token": token, "password": PASSWORD}).status_code

    assert at_once(confirm, 4) == [204] * 4
    assert is_confirmed(database, ada)


def test_the_page_asks_for_the_password_and_lets_in(
    database: Database, ada: Account, token: str, browser: OpenBrowser
) -> None:
    there = browser(None)
    assert 'name="password"' in there.get(f"/verify?token={token}").text
    refused = there.post("/verify", {"token": token, "password": "not the one"})
    assert (refused.status_code, 'name="password"' in refused.text, "/forgot" in refused.text) == (403, True, True)
    assert there.post("/verify", {"token": token, "password": PASSWORD}).location == "/account"
    assert there.get("/account").status_code == 200


def test_whoever_confirms_another_account_stays_who_they_are(
    database: Database, ada: Account, token: str, browser: OpenBrowser
) -> None:
    with database.transaction() as session:
        bob = factories.account(session, "Bob")
    reader = browser(bob)
    reader.post("/verify", {"token": token, "password": PASSWORD})
    assert is_confirmed(database, ada)
    assert "Bob" in reader.get("/account").text
