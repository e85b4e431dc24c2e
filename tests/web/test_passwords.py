"""PUT /api/v1/me/password, POST /api/v1/password-resets and /use, and the pages for the same."""

import re
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock, worker
from app.accounts import sanctions, standing
from app.billing import throttle
from app.db import Database
from app.models import Account, Letter, OneTimeToken
from app.models import letter as kinds
from app.models.sanction import BAN
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD
from tests.support.sql import counted

NEW = "another long password"


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


def asked_for(client: FlaskClient, settings: Settings, house: HouseRules, database: Database) -> str:
    """The token from the letter that a reader of ada's mail gets."""
    assert client.post("/api/v1/password-resets", json={"email": "Ada@example.org"}).status_code == 202
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    letter = sorted((settings.var / "letters").glob("*.eml"))[-1].read_text()
    found = re.search(r"token=(\S+)", letter)
    assert found
    return found[1]


def signs_in(client: FlaskClient, password: str) -> bool:
    body = {"email": "ada@example.org", "password": password}
    return client.post("/api/v1/tokens", json=body).status_code == 201


def test_a_password_is_changed_by_nobody_but_its_owner(client: FlaskClient, ada: Account, bearer: Bearer) -> None:
    body = {"password": "wrong password", "new_password": NEW}
    assert client.put("/api/v1/me/password", json=body).status_code == 401
    answer = client.put("/api/v1/me/password", json=body, headers=bearer(ada))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "wrong_password")
    assert signs_in(client, PASSWORD)


def test_a_new_password_ends_every_session_but_this_one(
    client: FlaskClient, ada: Account, bearer: Bearer, browser: OpenBrowser
) -> None:
    elsewhere, headers = browser(ada), bearer(ada)
    answer = client.put("/api/v1/me/password", json={"password": PASSWORD, "new_password": NEW}, headers=headers)
    fresh = {"Authorization": f"Bearer {answer.get_json()['token']}"}
    assert client.get("/api/v1/me/data", headers=headers).status_code == 401
    assert client.get("/api/v1/me/data", headers=fresh).status_code == 200
    assert elsewhere.get("/account").status_code == 401
    assert (signs_in(client, PASSWORD), signs_in(client, NEW)) == (False, True)


def test_a_letter_resets_a_forgotten_password_once(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database, ada: Account, bearer: Bearer
) -> None:
    headers = bearer(ada)
    token = asked_for(client, settings, house, database)
    short = client.post("/api/v1/password-resets/use", json={"token": token, "password": "short"})
    assert short.status_code == 422
    body = {"token": token, "password": NEW}
    assert client.post("/api/v1/password-resets/use", json=body).status_code == 204
    assert client.post("/api/v1/password-resets/use", json=body).get_json()["code"] == "token_invalid"
    assert client.get("/api/v1/me/data", headers=headers).status_code == 401
    assert (signs_in(client, PASSWORD), signs_in(client, NEW)) == (False, True)


def test_an_unknown_address_gets_the_same_answer_and_no_letter(client: FlaskClient, database: Database) -> None:
    answer = client.post("/api/v1/password-resets", json={"email": "nobody@example.org"})
    assert (answer.status_code, answer.get_json()) == (202, {"state": "letter_sent"})
    with database.reading() as session:
        assert session.scalars(select(Letter)).all() == []


def reset_letters(database: Database, settings: Settings, house: HouseRules) -> int:
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    with database.reading() as session:
        return len(session.scalars(select(Letter).where(Letter.kind == kinds.RESET)).all())


def test_what_a_request_does_is_the_same_for_an_unknown_address(
    client: FlaskClient, database: Database, ada: Account
) -> None:
    done = []
    for email in ("ada@example.org", "nobody@example.org", "no address at all", "x" * 3000):
        with counted(database) as asked:
            answer = client.post("/api/v1/password-resets", json={"email": email})
        done.append((answer.status_code, answer.get_data(), [*asked]))
    assert done == [done[0]] * 4


def test_three_letters_a_day_are_sent_and_the_last_is_good_until_there_may_be_another(
    client: FlaskClient, database: Database, settings: Settings, house: HouseRules, ada: Account
) -> None:
    begin = clock.now()
    with time_machine.travel(begin, tick=False) as moment:
        for _ in range(6):
            token = asked_for(client, settings, house, database)
            moment.shift(timedelta(hours=1))
        assert reset_letters(database, settings, house) == 3
        moment.move_to(begin + timedelta(hours=25, minutes=30))  # the second one of three has another half hour
        body = {"token": token, "password": NEW}
        assert client.post("/api/v1/password-resets/use", json=body).status_code == 204
        client.post("/api/v1/password-resets", json={"email": "ada@example.org"})
        assert reset_letters(database, settings, house) == 4


def test_who_was_asked_for_too_often_and_has_used_a_letter_gets_others(
    client: FlaskClient, database: Database, settings: Settings, house: HouseRules, ada: Account
) -> None:
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(4):
            token = asked_for(client, settings, house, database)
            moment.shift(timedelta(minutes=3))
        client.post("/api/v1/password-resets/use", json={"token": token, "password": NEW})
        moment.shift(timedelta(minutes=3))
        asked_for(client, settings, house, database)
        assert reset_letters(database, settings, house) == 4


def test_a_new_password_is_told_the_mailbox(
    client: FlaskClient, database: Database, settings: Settings, house: HouseRules, ada: Account, bearer: Bearer
) -> None:
    token = asked_for(client, settings, house, database)
    client.post("/api/v1/password-resets/use", json={"token": token, "password": NEW})
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    letter = message_from_bytes(
        sorted((settings.var / "letters").glob("*.eml"))[-1].read_bytes(), policy=policy.default
    )
    assert letter["Subject"] == "Your password has been changed"
    assert "/forgot" in letter.get_content()
    with database.reading() as session:
        ada = session.get_one(Account, ada.id)
    client.put("/api/v1/me/password", json={"password": NEW, "new_password": PASSWORD}, headers=bearer(ada))
    with database.reading() as session:
        assert [*session.scalars(select(Letter.kind))].count(kinds.PASSWORD_CHANGED) == 2


def test_a_letter_that_is_no_good_costs_no_hashing(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PasswordHasher, "hash", None)
    answer = client.post("/api/v1/password-resets/use", json={"token": "made up", "password": NEW})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "token_invalid")


def test_an_expired_token_resets_nothing(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database, ada: Account
) -> None:
    token = asked_for(client, settings, house, database)
    with database.transaction() as session:
        row = session.scalars(select(OneTimeToken)).one()
        row.expires_at = row.created_at
    answer = client.post("/api/v1/password-resets/use", json={"token": token, "password": NEW})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "token_invalid")
    assert signs_in(client, PASSWORD)


def test_a_token_to_verify_resets_no_password(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database, ada: Account
) -> None:
    token = asked_for(client, settings, house, database)
    assert client.post("/api/v1/accounts/verify", json={"token": token}).status_code == 422


def test_a_ban_survives_a_reset(
    client: FlaskClient, settings: Settings, house: HouseRules, database: Database, ada: Account
) -> None:
    with database.transaction() as session:
        reader = standing.lock(session, ada.id)
        decision = factories.sanction(session, reader, "warning", at=factories.site(session)).decision_id
        sanctions.impose(session, reader, BAN, "moderator", decision)
    token = asked_for(client, settings, house, database)
    client.post("/api/v1/password-resets/use", json={"token": token, "password": NEW})
    with database.reading() as session:
        assert standing.read(session, ada.id).kind == BAN


def test_a_browser_changes_and_resets_a_password(
    client: FlaskClient,
    settings: Settings,
    house: HouseRules,
    database: Database,
    ada: Account,
    browser: OpenBrowser,
) -> None:
    here, there = browser(ada), browser(ada)
    assert (
        "not your present password"
        in here.post(
            "/account/password", {"password": "wrong password", "new_password": NEW}, follow_redirects=True
        ).text
    )
    here.post("/account/password", {"password": PASSWORD, "new_password": NEW})
    assert (here.get("/account").status_code, there.get("/account").status_code) == (200, 401)
    there.client.delete_cookie("btl")
    assert there.post("/forgot", {"email": "ada@example.org"}).location == "/sign-in"
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    letter = sorted((settings.var / "letters").glob("*.eml"))[-1].read_text()
    token = letter.split("token=")[1].split()[0]
    assert there.get(f"/reset?token={token}").status_code == 200
    assert there.post("/reset", {"token": token, "password": "short"}).status_code == 422
    assert there.post("/reset", {"token": token, "password": PASSWORD}).location == "/account"
    assert there.get("/account").status_code == 200
    assert signs_in(client, PASSWORD)


@pytest.mark.parametrize("path", ["/account/password", "/forgot", "/reset"])
def test_a_form_without_its_token_is_forged(ada: Account, browser: OpenBrowser, path: str) -> None:
    answer = browser(ada).client.post(path, data={})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")
