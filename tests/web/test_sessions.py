"""When a browser's session begins and ends, and what its cookie is worth afterwards."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock, retention, worker
from app.accounts import identity
from app.db import Database
from app.models import Account, EndedSession
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Bearer, Browser, OpenBrowser
from tests.support.factories import PASSWORD
from tests.support.together import at_once

FORM = {"email": "ada@example.org", "password": PASSWORD}
DAY = timedelta(days=1)


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


@pytest.fixture
def signed_in(ada: Account, browser: OpenBrowser) -> Browser:
    """A browser that ada has signed in with, by the form."""
    opened = browser(None)
    opened.post("/sign-in", FORM)
    return opened


def is_in(reader: Browser) -> bool:
    return reader.get("/account").status_code == 200


def cookie_of(reader: Browser, name: str = "btl") -> str:
    cookie = reader.client.get_cookie(name)
    assert cookie is not None
    return cookie.value


def test_a_cookie_is_good_for_nothing_after_signing_out_and_other_sessions_stay(
    signed_in: Browser, client: FlaskClient, browser: OpenBrowser, ada: Account, bearer: Bearer
) -> None:
    stolen, elsewhere = cookie_of(signed_in), browser(ada)
    signed_in.post("/sign-out")
    thief = browser(None)
    thief.client.set_cookie("btl", stolen)
    assert [is_in(reader) for reader in (signed_in, thief, elsewhere)] == [False, False, True]
    assert client.get("/api/v1/me/data", headers=bearer(ada)).status_code == 200


def test_signing_out_twice_at_once_ends_it_once(signed_in: Browser, app: Flask, database: Database) -> None:
    token = signed_in.csrf()
    cookie = cookie_of(signed_in)

    def sign_out(_number: int) -> int:
        client = app.test_client()
        client.set_cookie("btl", cookie)
        return client.post("/sign-out", data={"csrf_token": token}).status_code

    assert at_once(sign_out, 8) == [303] * 8
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EndedSession)) == 1


def test_nobody_signs_out_whoever_is_not_signed_in(browser: OpenBrowser, database: Database) -> None:
    assert browser(None).post("/sign-out").status_code == 303
    with database.reading() as session:
        assert session.scalars(select(EndedSession.session_id)).all() == []


def test_a_session_that_nobody_uses_for_a_week_is_over(signed_in: Browser) -> None:
    with time_machine.travel(clock.now() + identity.IDLE_LIMIT + timedelta(seconds=1), tick=False):
        assert not is_in(signed_in)


def test_a_session_in_use_lasts_a_month_and_no_longer(signed_in: Browser) -> None:
    begin = clock.now()
    with time_machine.travel(begin, tick=False) as moment:
        for day in range(0, 30, 5):
            moment.move_to(begin + day * DAY)
            assert is_in(signed_in)
        moment.move_to(begin + 30 * DAY - timedelta(minutes=1))
        assert is_in(signed_in)
        moment.move_to(begin + 30 * DAY + timedelta(minutes=1))
        assert not is_in(signed_in)


def test_a_cookie_that_was_not_renewed_ends_by_itself(signed_in: Browser, browser: OpenBrowser) -> None:
    old = cookie_of(signed_in)
    with time_machine.travel(clock.now() + 6 * DAY, tick=False) as moment:
        assert is_in(signed_in)
        moment.shift(2 * DAY)
        thief = browser(None)
        thief.client.set_cookie("btl", old)
        assert (is_in(thief), is_in(signed_in)) == (False, True)


@pytest.mark.parametrize("lacking", ["began", "seen", "session_id"])
def test_a_cookie_without_its_marks_is_nobodys(signed_in: Browser, lacking: str) -> None:
    with signed_in.client.session_transaction() as session:
        session.pop(lacking)
    assert not is_in(signed_in)


def test_the_form_token_from_before_signing_in_is_good_for_nothing_after(ada: Account, browser: OpenBrowser) -> None:
    reader = browser(None)
    before = reader.csrf()
    reader.client.post("/sign-in", data={"csrf_token": before, **FORM})
    answer = reader.client.post("/account/sessions", data={"csrf_token": before}, headers={"Accept": "text/html"})
    assert (answer.status_code, is_in(reader)) == (403, True)
    assert "reload the page" in answer.text
    after = reader.csrf()
    reader.post("/sign-out")
    assert reader.client.post("/sign-in", data={"csrf_token": after, **FORM}).status_code == 403


def test_nothing_that_was_planted_before_signing_in_is_kept_but_the_way_back(
    ada: Account, browser: OpenBrowser
) -> None:
    reader = browser(None)
    with reader.client.session_transaction() as session:
        session.update(session_id="planted", planted="x", back="/rules")
    reader.post("/sign-in", FORM)
    with reader.client.session_transaction() as session:
        assert session["session_id"] != "planted"
        assert "planted" not in session
        assert session["back"] == "/rules"


def test_over_https_the_cookie_is_this_hosts_alone(
    settings: Settings, house: HouseRules, database: Database, ada: Account
) -> None:
    secure = replace(settings, public_url="https://comments.example")
    client = application(assembled(secure, house, database), "https").test_client()
    base = "https://comments.example"
    page = client.get("/sign-in", base_url=base)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    sent = {"csrf_token": token, **FORM}
    answer = client.post("/sign-in", base_url=base, data=sent, headers={"Referer": f"{base}/sign-in"})
    assert answer.status_code == 303
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-btl=")
    assert set(attributes) == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_what_was_signed_out_of_is_forgotten_when_its_cookie_is_too_old_anyway(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    now: datetime = clock.now()
    with database.transaction() as session:
        for days in (29, 31):
            session.add(EndedSession(session_id=str(days), ended_at=now - days * DAY))
    worker.handlers(assembled(settings, house, database))[retention.FORGET]({})
    with database.reading() as session:
        assert session.scalars(select(EndedSession.session_id)).all() == ["29"]
