"""Who may have texts scored: whoever has a key in force and has not used up its quota, and nobody else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Account, ApiKey, LedgerEntry
from app.perspective import keys
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.perspective import ANALYZE, SUGGEST, ask, error, make_key, request, suggestion

CALLS = [(ANALYZE, request("Good morning.")), (SUGGEST, suggestion("Good morning."))]


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings)


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_nobody_is_answered_without_a_key(client: FlaskClient, path: str, body: dict[str, object]) -> None:
    for address in (path, f"{path}?key="):
        answer = client.post(address, json=body)
        assert error(answer) == (403, "PERMISSION_DENIED", "")
        assert "API Key" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_key_that_was_never_made_is_not_valid(
    client: FlaskClient, key: str, path: str, body: dict[str, object]
) -> None:
    for wrong in (key[:-1], key.swapcase(), "AIzaSyFromGoogle", "%00", "%ED%A0%80", "x" * 5000):
        answer = client.post(f"{path}?key={wrong}", json=body)
        assert error(answer) == (400, "INVALID_ARGUMENT", "API_KEY_INVALID")
        assert answer.get_json()["error"]["message"] == "API key not valid. Please pass a valid API key."


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_revoked_key_is_refused_at_once_and_the_others_go_on(
    client: FlaskClient, database: Database, settings: Settings, key: str, path: str, body: dict[str, object]
) -> None:
    other = make_key(database, settings, "another paper")
    assert ask(client, key, body, path).status_code == 200
    with database.transaction() as session:
        keys.revoke(session, "paper")
    assert error(ask(client, key, body, path)) == (400, "INVALID_ARGUMENT", "API_KEY_INVALID")
    assert ask(client, other, body, path).status_code == 200


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_a_session_and_a_token_are_no_key(
    app: Flask, database: Database, bearer: Bearer, browser: OpenBrowser, path: str, body: dict[str, object]
) -> None:
    with database.transaction() as session:
        account: Account = factories.subscriber(session)
    assert app.test_client().post(path, json=body, headers=bearer(account)).status_code == 403
    assert browser(account).client.post(path, json=body).status_code == 403


@pytest.mark.usefixtures("no_window_ends")
@pytest.mark.parametrize(("per_second", "per_minute"), [(2, 1000), (1000, 2)])
def test_a_key_over_its_quota_is_told_when_to_come_back(
    client: FlaskClient, database: Database, settings: Settings, per_second: int, per_minute: int
) -> None:
    key = make_key(database, settings, per_second=per_second, per_minute=per_minute)
    other = make_key(database, settings, "another paper")
    # both methods count; a second may end in between, and begin another two
    answers = [ask(client, key, *reversed(CALLS[n % 2])) for n in range(40)]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert error(refused) == (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert ask(client, other, CALLS[0][1]).status_code == 200


def test_the_key_may_come_in_the_header_of_googles_newer_clients(client: FlaskClient, key: str) -> None:
    assert client.post(ANALYZE, json=CALLS[0][1], headers={"X-Goog-Api-Key": key}).status_code == 200


@pytest.mark.usefixtures("no_window_ends")
def test_an_address_that_tries_keys_is_slowed_down_in_the_same_shape(client: FlaskClient, key: str) -> None:
    # twice as many as a minute allows, and more: they may fall into two minutes
    guesses = (client.post(f"{ANALYZE}?key=guess{number}", json={}).status_code for number in range(1500))
    assert next(status for status in guesses if status != 400) == 429
    assert error(client.post(f"{ANALYZE}?key=guess", json={}))[:2] == (429, "RESOURCE_EXHAUSTED")
    assert ask(client, key, CALLS[0][1]).status_code == 200


def test_of_a_key_only_a_digest_is_kept_and_the_ledger_knows_when_it_came_and_went(
    database: Database, settings: Settings, key: str
) -> None:
    with database.transaction() as session:
        keys.revoke(session, "paper")
    with database.reading() as session:
        row = session.scalars(select(ApiKey)).one()
        assert key not in str(vars(row))
        assert len(row.digest) == 64
        entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
        assert [(entry.action, entry.subject_id) for entry in entries] == [
            ("api_key.create", row.id),
            ("api_key.revoke", row.id),
        ]
