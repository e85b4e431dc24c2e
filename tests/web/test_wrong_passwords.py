"""Passwords that are tried in vain: who guesses waits, and whoever owns the mailbox need not."""

import re
from datetime import timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock, retention, worker
from app.accounts import attempts, one_time_tokens
from app.db import Database
from app.models import Account, Attempts, KnownPlace
from app.models.one_time_token import RESET
from app.models.role import ADMINISTRATOR
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD
from tests.support.together import at_once

WRONG = "a password that is wrong"
NEW = "another long password"


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


def tries(client: FlaskClient, password: str, *, email: str = "ada@example.org", number: int = 0) -> int:
    """What an attempt from one of many addresses of the internet is answered."""
    origin = {"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250 + 1}"}
    body = {"email": email, "password": password}
    return client.post("/api/v1/tokens", json=body, environ_overrides=origin).status_code


def guess(client: FlaskClient, times: int = attempts.WITHOUT_WAIT, email: str = "ada@example.org") -> list[int]:
    return [tries(client, WRONG, email=email, number=number) for number in range(times)]


HOME = 60_000


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@Example.org", "nobody@example.org"])
def test_sixty_addresses_guess_five_times_and_the_right_password_waits_like_any_other(
    client: FlaskClient, ada: Account, email: str
) -> None:
    assert guess(client, 60, email) == [401] * 5 + [429] * 55
    assert tries(client, PASSWORD, email=email, number=61) == 429


def test_known_and_unknown_addresses_are_told_the_same(client: FlaskClient, ada: Account) -> None:
    told = []
    for email in ("ada@example.org", "nobody@example.org"):
        with time_machine.travel(clock.now(), tick=False):
            guess(client, email=email)
            answer = client.post("/api/v1/tokens", json={"email": email, "password": WRONG})
        told.append((answer.status_code, answer.get_json(), answer.headers["Retry-After"]))
    assert told[0] == told[1]
    assert told[0][1]["code"] == "too_many"


def test_no_password_is_looked_at_while_the_next_one_waits(
    client: FlaskClient, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess(client)
    monkeypatch.setattr(PasswordHasher, "verify", None)
    assert tries(client, PASSWORD, number=7) == 429


def test_each_wait_is_longer_and_none_is_long() -> None:
    minutes = [attempts.wait_after(failed) / timedelta(minutes=1) for failed in range(1, 12)]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]
    assert attempts.wait_after(10**9) == attempts.LONGEST_WAIT


def test_who_has_waited_may_try_once_more_and_who_is_right_begins_anew(client: FlaskClient, ada: Account) -> None:
    guess(client)
    with time_machine.travel(clock.now() + timedelta(minutes=1, seconds=1), tick=False) as moment:
        assert [tries(client, WRONG), tries(client, PASSWORD)] == [401, 429]
        moment.shift(timedelta(minutes=2))
        assert tries(client, PASSWORD, number=HOME) == 201
        assert guess(client, 6) == [401] * 5 + [429]


def test_what_was_tried_in_vain_is_forgotten_after_a_day(
    client: FlaskClient, database: Database, settings: Settings, house: HouseRules, ada: Account
) -> None:
    guess(client)
    later = clock.now() + attempts.FORGOTTEN_AFTER + attempts.LONGEST_WAIT
    with time_machine.travel(later, tick=False):
        assert guess(client, 6) == [401] * 5 + [429]
        guess(client, 1, email="nobody@example.org")
    with time_machine.travel(later + attempts.FORGOTTEN_AFTER + timedelta(seconds=30)):
        worker.handlers(assembled(settings, house, database))[retention.FORGET]({})
        with database.reading() as session:
            assert session.scalars(select(Attempts.failed)).all() == [5]


def test_of_sixty_at_the_same_moment_five_are_looked_at(app: Flask, ada: Account) -> None:
    answers = at_once(lambda number: tries(app.test_client(), WRONG, number=number), 60)
    assert sorted(answers) == [401] * 5 + [429] * 55


def test_staff_are_guarded_alike(client: FlaskClient, database: Database, ada: Account) -> None:
    with database.transaction() as session:
        factories.give_role(session, ada, ADMINISTRATOR)
    assert guess(client, 6) == [401] * 5 + [429]


def test_nothing_that_is_kept_of_an_attempt_names_an_address(
    client: FlaskClient, database: Database, ada: Account
) -> None:
    guess(client, 1)
    with database.reading() as session:
        (whose,) = session.scalars(select(Attempts.whose))
        assert re.fullmatch("[0-9a-f]{64}", whose)


def test_the_page_says_what_to_do(browser: OpenBrowser, client: FlaskClient, ada: Account) -> None:
    guess(client)
    answer = browser(None).post("/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert answer.status_code == 429
    assert "have a letter sent" in answer.text
    assert 'href="/forgot"' in answer.text


def test_the_letter_lets_the_owner_in_while_others_go_on_guessing(
    client: FlaskClient, database: Database, settings: Settings, ada: Account, browser: OpenBrowser
) -> None:
    guess(client)
    with database.transaction() as session:
        token = one_time_tokens.issue(session, settings, ada.id, RESET)
    guess(client)
    owner = browser(None)
    assert owner.post("/reset", {"token": token, "password": NEW}).location == "/account"
    assert owner.get("/account").status_code == 200
    assert tries(client, NEW) == 201
    guess(client)
    assert owner.get("/account").status_code == 200


def test_the_password_of_a_session_is_counted_apart(
    client: FlaskClient, database: Database, ada: Account, bearer: Bearer
) -> None:
    guess(client)
    wrong = {"password": WRONG, "new_password": NEW}
    answers = [client.put("/api/v1/me/password", json=wrong, headers=bearer(ada)).status_code for _ in range(3)]
    answers += [
        client.delete("/api/v1/me", json={"password": WRONG}, headers=bearer(ada)).status_code for _ in range(3)
    ]
    assert answers == [403] * 5 + [429]
    right = {"password": PASSWORD, "new_password": NEW}
    assert client.put("/api/v1/me/password", json=right, headers=bearer(ada)).status_code == 429
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempts)) == 2


def test_where_the_owner_has_signed_in_before_nobody_elses_guesses_count(client: FlaskClient, ada: Account) -> None:
    assert tries(client, PASSWORD, number=HOME) == 201
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(10):  # a prankster, for as long as they like, from wherever
            guess(client, 6)
            # which gives who guesses elsewhere nothing
            assert [tries(client, PASSWORD, number=number) for number in (HOME, HOME + 1)] == [201, 429]
            moment.shift(attempts.LONGEST_WAIT)


def test_who_guesses_from_a_known_place_waits_there_alone(client: FlaskClient, ada: Account) -> None:
    assert [tries(client, PASSWORD, number=number) for number in (HOME, HOME + 1)] == [201, 201]
    assert [tries(client, WRONG, number=HOME) for _ in range(7)] == [401] * 5 + [429] * 2
    assert [tries(client, PASSWORD, number=number) for number in (HOME, HOME + 1, 1)] == [429, 201, 201]


def test_a_place_is_strange_again_after_a_new_password(
    client: FlaskClient, database: Database, settings: Settings, ada: Account
) -> None:
    assert tries(client, PASSWORD, number=HOME) == 201
    with database.transaction() as session:
        token = one_time_tokens.issue(session, settings, ada.id, RESET)
    client.post("/api/v1/password-resets/use", json={"token": token, "password": NEW})
    guess(client)
    assert tries(client, NEW, number=HOME) == 429
    # the one from which the letter was used is known
    assert client.post("/api/v1/tokens", json={"email": ada.email, "password": NEW}).status_code == 201


def test_of_a_place_nothing_is_kept_that_names_it_and_it_is_forgotten(
    client: FlaskClient, database: Database, settings: Settings, house: HouseRules, ada: Account
) -> None:
    tries(client, PASSWORD)
    with database.reading() as session:
        assert re.fullmatch("[0-9a-f]{64}", session.scalars(select(KnownPlace.place)).one())
    forget = worker.handlers(assembled(settings, house, database))[retention.FORGET]
    for days, left in ((89, 1), (91, 0)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            forget({})
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(KnownPlace)) == left
