"""Claiming by the paper's word: who may not, what a voucher must say, and that nothing links by itself."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import Account, Customer, PaymentCase
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Browser, OpenBrowser

PAGE = "/subscription/claim"
SECRET = "what the paper's own site shares with us"
CUSTOMER = "cus_paid_for_years"
Vouch = Callable[..., str]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, sso_secret=SECRET)


@pytest.fixture
def reader(database: Database) -> Account:
    with database.transaction() as session:
        factories.site(session)
        return factories.account(session)


@pytest.fixture
def vouch(settings: Settings) -> Vouch:
    """A voucher as the paper makes it; None leaves a claim out."""

    def make(key: str = SECRET, alg: str = "HS256", **claims: Any) -> str:
        now = int(clock.now().timestamp())
        good = {
            "sub": "subscriber 7",
            "aud": settings.public_url,
            "stripe_customer": CUSTOMER,
            "jti": secrets.token_hex(16),
            "iat": now,
            "exp": now + 300,
        }
        said = {name: value for name, value in (good | claims).items() if value is not None}
        return jwt.encode({"alg": alg}, said, OctKey.import_key(key), algorithms=[alg])

    return make


def owner(database: Database) -> int | None:
    with database.reading() as session:
        found = session.get(Customer, CUSTOMER)
        return found.account_id if found else None


def problem(browser: Browser, token: str) -> str:
    """The code that both the page and its form answer with."""
    page, form = browser.get(f"{PAGE}?token={token}"), browser.post(PAGE, {"token": token})
    assert page.status_code == form.status_code == 422
    codes = {answer.text.partition('data-problem="')[2].partition('"')[0] for answer in (page, form)}
    (code,) = codes
    return code


def test_strangers_sign_in_first_and_come_back_with_their_voucher(
    database: Database, browser: OpenBrowser, vouch: Vouch
) -> None:
    with database.transaction() as session:
        factories.account(session, email="one@example.org", password=factories.PASSWORD)
    stranger, token = browser(None), vouch()
    sent = stranger.get(f"{PAGE}?token={token}")
    assert sent.status_code == 401
    way = re.search(r'href="(/sign-in[^"]+)"', sent.text)
    assert way
    form, back = stranger.get(way[1]).text, f"{PAGE}?token={token}"
    assert f'value="{back}"' in form
    credentials = {"email": "one@example.org", "password": factories.PASSWORD, "next": back}
    assert stranger.post("/sign-in", credentials).headers["Location"] == back
    assert "Link it to this account" in stranger.get(back).text


def test_a_form_from_elsewhere_is_refused(
    app: Flask, database: Database, browser: OpenBrowser, reader: Account, vouch: Vouch
) -> None:
    answer = browser(reader).client.post(PAGE, data={"token": vouch()})
    assert answer.status_code == 403
    assert owner(database) is None


def test_following_the_link_links_nothing_until_its_reader_says_so(
    database: Database, browser: OpenBrowser, reader: Account, vouch: Vouch
) -> None:
    opened, token = browser(reader), vouch()
    page = opened.get(f"{PAGE}?token={token}")
    assert (page.status_code, owner(database)) == (200, None)
    assert f"signed in here as {reader.name}" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert opened.post(PAGE, {"token": token}).status_code == 303
    assert owner(database) == reader.id
    assert "linked to this account" in opened.get("/subscription").text


def test_a_voucher_is_good_once_and_a_second_press_does_no_harm(
    database: Database, browser: OpenBrowser, reader: Account, vouch: Vouch
) -> None:
    opened, token = browser(reader), vouch()
    assert [opened.post(PAGE, {"token": token}).status_code for _ in range(2)] == [303, 303]
    with database.transaction() as session:
        other = factories.account(session)
    answer = browser(other).post(PAGE, {"token": token})
    assert (answer.status_code, 'data-problem="voucher_used"' in answer.text) == (422, True)
    with database.reading() as session:
        assert session.scalars(select(PaymentCase)).all() == []


def test_a_second_reader_with_a_good_voucher_is_told_that_somebody_will_look(
    database: Database, browser: OpenBrowser, reader: Account, vouch: Vouch
) -> None:
    browser(reader).post(PAGE, {"token": vouch()})
    with database.transaction() as session:
        other = factories.account(session)
    second = browser(other)
    assert second.post(PAGE, {"token": vouch()}).status_code == 303
    page = second.get("/subscription").text
    assert 'data-claim="open"' in page
    assert owner(database) == reader.id


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://another.example"},
        {"aud": None},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"jti": "short"},
        {"jti": 7},
        {"stripe_customer": None},
        {"stripe_customer": ""},
        {"stripe_customer": "sub_1"},
        {"stripe_customer": "cus_1\0"},
        {"stripe_customer": ["cus_1"]},
        {"exp": 99999999999},
        {"exp": "soon"},
        {"iat": 99999999999, "exp": 99999999999},
        {"iat": True},
        {"key": "another secret, which nobody shares with us"},
        {"alg": "HS512"},
    ],
    ids=str,
)
def test_what_the_paper_did_not_say_in_this_way_is_not_believed(
    database: Database, browser: OpenBrowser, reader: Account, vouch: Vouch, claims: dict[str, Any]
) -> None:
    assert problem(browser(reader), vouch(**claims)) == "voucher_invalid"
    assert owner(database) is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "..", "e30.e30.", "W1tbW1tbW1tb" * 2000, "x" * 9000])
def test_what_is_no_voucher_at_all_is_refused_politely(browser: OpenBrowser, reader: Account, token: str) -> None:
    assert problem(browser(reader), token) == "voucher_invalid"


def test_a_voucher_without_a_signature_is_refused(browser: OpenBrowser, reader: Account, vouch: Vouch) -> None:
    _header, claims, _signature = vouch().split(".")
    none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    for token in (f"{none}.{claims}.", f"{none}.{claims}", f"e30.{claims}."):
        assert problem(browser(reader), token) == "voucher_invalid"


def test_a_voucher_of_an_hour_ago_is_too_old(browser: OpenBrowser, reader: Account, vouch: Vouch) -> None:
    then = int(clock.now().timestamp()) - 3600
    assert problem(browser(reader), vouch(iat=then, exp=then + 600)) == "voucher_expired"


def test_a_voucher_is_no_key_to_the_api_and_a_key_no_voucher(
    app: Flask, browser: OpenBrowser, bearer: Callable[[Account], dict[str, str]], reader: Account, vouch: Vouch
) -> None:
    headers = {"Authorization": f"Bearer {vouch(sub=str(reader.id), epoch=0)}"}
    assert app.test_client().get("/api/v1/me", headers=headers).status_code == 401
    token = bearer(reader)["Authorization"].removeprefix("Bearer ")
    assert problem(browser(reader), token) == "voucher_invalid"


def test_where_no_secret_is_shared_there_is_no_such_page(
    app: Flask, settings: Settings, browser: OpenBrowser, reader: Account, vouch: Vouch
) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], settings=replace(settings, sso_secret=""))
    assert browser(reader).get(f"{PAGE}?token={vouch()}").status_code == 404
