"""Nobody learns from a sign-up, a reset, a name or a letter sent again which addresses are known here."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock, worker
from app.accounts import erasure, one_time_tokens, sanctions, standing
from app.billing import throttle
from app.db import Database
from app.models import Account, Job, Letter, letter
from app.models.one_time_token import VERIFY
from app.models.sanction import BAN
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD, RULES_VERSION
from tests.support.together import at_once

VICTIM = "victim@example.org"
NAME = "Nobody Yet"
Told = tuple[int, bytes]


def unknown(_database: Database, _settings: Settings) -> None:
    pass


def confirmed(database: Database, settings: Settings, *, verified: bool = True) -> None:
    with database.transaction() as session:
        factories.account(session, email=VICTIM, settings=settings, password=PASSWORD, verified=verified)


def unconfirmed(database: Database, settings: Settings) -> None:
    confirmed(database, settings, verified=False)


def banned(database: Database, settings: Settings) -> None:
    confirmed(database, settings)
    with database.transaction() as session:
        reader = standing.lock(session, session.scalars(select(Account.id)).one())
        decision = factories.sanction(session, reader, "warning", at=factories.site(session)).decision_id
        sanctions.impose(session, reader, BAN, "moderator", decision)


def banned_and_erased(database: Database, settings: Settings) -> None:
    banned(database, settings)
    with database.transaction() as session:
        erasure.erase(session, session.scalars(select(Account.id)).one())


STATES = [unknown, confirmed, unconfirmed, banned, banned_and_erased]


@pytest.fixture(params=STATES, ids=[state.__name__ for state in STATES])
def victim(request: pytest.FixtureRequest, database: Database, settings: Settings) -> None:
    """What the paper knows of the address, which is what an attacker would like to learn."""
    state: Callable[[Database, Settings], None] = request.param
    state(database, settings)


def told(client: FlaskClient, email: str, name: str = NAME) -> Told:
    answer = client.post("/api/v1/accounts", json={"email": email, "name": name, "password": PASSWORD})
    return answer.status_code, answer.get_data()


LETTER_SENT: Told = (202, json.dumps({"state": "letter_sent"}, separators=(",", ":")).encode())


@pytest.mark.usefixtures("victim")
def test_any_sign_ups_in_any_order_are_answered_alike(client: FlaskClient) -> None:
    emails = [VICTIM, "mine@example.org", VICTIM, "mine@example.org"]
    assert [told(client, email) for email in emails] == [LETTER_SENT] * 4


@pytest.mark.usefixtures("victim")
def test_each_sign_up_leaves_one_job_and_waits_for_no_letter(client: FlaskClient, database: Database) -> None:
    jobs = []
    for number in range(3):
        with database.reading() as session:
            jobs.append(session.scalar(select(func.count()).select_from(Job)) or 0)
        told(client, VICTIM, f"{NAME} {number}")
    assert [after - before for before, after in pairwise(jobs)] == [1, 1]


@pytest.mark.usefixtures("victim")
def test_a_name_that_a_sign_up_wished_for_tells_nothing_to_whoever_takes_it(
    client: FlaskClient, database: Database, settings: Settings, bearer: Bearer
) -> None:
    told(client, VICTIM)
    told(client, "mine@example.org", "Mine")
    with database.transaction() as session:
        mine = session.scalars(select(Account).where(Account.email == "mine@example.org")).one()
        token = one_time_tokens.issue(session, settings, mine.id, VERIFY)
        other = factories.account(session, "Other")
    body = {"token": token, "password": PASSWORD}
    assert client.post("/api/v1/accounts/verify", json=body).status_code == 204
    assert client.put("/api/v1/me/name", json={"name": NAME}, headers=bearer(mine)).status_code == 204
    # from now on it is public
    assert told(client, "fourth@example.org")[0] == 409
    assert client.put("/api/v1/me/name", json={"name": NAME}, headers=bearer(other)).status_code == 409


@pytest.mark.usefixtures("victim")
def test_of_many_at_once_each_is_answered_alike(app: Flask) -> None:
    emails = [VICTIM, "mine@example.org"] * 2
    assert at_once(lambda number: told(app.test_client(), emails[number]), 4) == [LETTER_SENT] * 4


@pytest.mark.usefixtures("victim")
def test_a_reset_is_answered_alike(client: FlaskClient) -> None:
    answers = [client.post("/api/v1/password-resets", json={"email": email}) for email in (VICTIM, "no@example.org")]
    assert [(answer.status_code, answer.get_data()) for answer in answers] == [LETTER_SENT] * 2


def test_whoever_confirms_later_gets_a_neutral_name_and_may_choose_another_at_once(
    client: FlaskClient, database: Database, settings: Settings, bearer: Bearer
) -> None:
    emails = ["first@example.org", "second@example.org"]
    for email in emails:
        told(client, email, "Mary Ann")
    names = []
    for email in emails:
        with database.transaction() as session:
            account = session.scalars(select(Account).where(Account.email == email)).one()
            token = one_time_tokens.issue(session, settings, account.id, VERIFY)
        client.post("/api/v1/accounts/verify", json={"token": token, "password": PASSWORD})
        with database.reading() as session:
            names.append(session.get_one(Account, account.id).name)
    assert names[0] == "Mary Ann"
    assert names[1].startswith("Reader ")
    assert client.put("/api/v1/me/name", json={"name": "Mary Anne"}, headers=bearer(account)).status_code == 204


def test_the_page_says_so_when_the_name_that_was_wished_for_is_gone(
    client: FlaskClient, database: Database, settings: Settings, browser: OpenBrowser
) -> None:
    told(client, VICTIM, "Mary Ann")
    with database.transaction() as session:
        account = session.scalars(select(Account)).one()
        token = one_time_tokens.issue(session, settings, account.id, VERIFY)
        factories.account(session, "Mary Ann")
    page = browser(None).post("/verify", {"token": token, "password": PASSWORD}, follow_redirects=True)
    assert "Somebody else has the display name that you wanted." in page.text


def test_a_digest_key_that_was_changed_lets_nobody_sign_up_twice(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    with database.transaction() as session:  # its digest is none that is known now
        factories.account(session, email=VICTIM, password=PASSWORD)
    assert told(client, VICTIM) == LETTER_SENT
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1


@pytest.mark.usefixtures("victim")
def test_whoever_has_just_signed_up_learns_nothing_by_signing_in(client: FlaskClient) -> None:
    mine = {"password": "my own long password"}
    client.post("/api/v1/accounts", json={"email": VICTIM, "name": NAME, **mine})
    answer = client.post("/api/v1/tokens", json={"email": VICTIM, **mine})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "wrong_credentials")


@pytest.mark.usefixtures("victim")
def test_the_page_after_a_sign_up_is_the_same_for_every_address(browser: OpenBrowser, database: Database) -> None:
    pages, jobs = [], []
    for number, email in enumerate((VICTIM, "mine@example.org")):
        mine = browser(None)
        form = {"email": email, "name": f"{NAME} {number}", "password": PASSWORD, "rules_version": RULES_VERSION}
        assert mine.post("/sign-up", form).location == "/sign-up/sent"
        with database.reading() as session:
            before = session.scalar(select(func.count()).select_from(Job)) or 0
        again = mine.post("/sign-up/sent", follow_redirects=True)
        with database.reading() as session:
            jobs.append((session.scalar(select(func.count()).select_from(Job)) or 0) - before)
        assert f"Check your mail at {email}" in again.text
        pages.append(re.sub(r'value="[^"]*"', "", again.text.replace(email, "")))
    assert (len(set(pages)), jobs) == (1, [1, 1])


def letters(database: Database) -> list[tuple[str, str | None]]:
    with database.reading() as session:
        return [
            (letter.kind, letter.parameters.get("to")) for letter in session.scalars(select(Letter).order_by(Letter.id))
        ]


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (unknown, [letter.VERIFY] * 3),
        (confirmed, [letter.ALREADY_REGISTERED] * 3),
        (unconfirmed, [letter.VERIFY] * 3),
        (banned, [letter.BANNED_SIGN_UP] * 3),
        (banned_and_erased, [letter.BANNED_SIGN_UP] * 3),
    ],
)
def test_the_letter_of_a_sign_up_is_sent_again_three_times_a_day_at_most(
    browser: OpenBrowser,
    settings: Settings,
    house: HouseRules,
    database: Database,
    state: Callable[[Database, Settings], None],
    kinds: list[str],
) -> None:
    state(database, settings)
    runner = worker.runner(throttle.throttled(assembled(settings, house, database)))
    mine = browser(None)
    with time_machine.travel(clock.now(), tick=False) as moment:
        form = {"email": VICTIM, "name": NAME, "password": PASSWORD, "rules_version": RULES_VERSION}
        assert mine.post("/sign-up", form).location == "/sign-up/sent"
        runner.run_all()
        for _ in range(4):
            assert mine.post("/sign-up/sent").location == "/sign-up/sent"
            runner.run_all()  # within two minutes nothing is written
            moment.shift(timedelta(seconds=70))
            mine.post("/sign-up/sent")
            runner.run_all()
            moment.shift(timedelta(seconds=70))
    assert [kind for kind, _to in letters(database)] == kinds


@pytest.mark.usefixtures("no_window_ends")
def test_to_have_the_letter_of_a_sign_up_sent_again_is_counted(browser: OpenBrowser) -> None:
    mine = browser(None)
    form = {"email": VICTIM, "name": NAME, "password": PASSWORD, "rules_version": RULES_VERSION}
    mine.post("/sign-up", form)
    assert [mine.post("/sign-up/sent").status_code for _ in range(11)] == [303] * 10 + [429]


def test_without_a_sign_up_there_is_no_letter_to_wait_for(browser: OpenBrowser, database: Database) -> None:
    somebody = browser(None)
    assert somebody.get("/sign-up/sent").location == "/sign-up"
    assert somebody.post("/sign-up/sent").location == "/sign-up/sent"
    assert letters(database) == []
