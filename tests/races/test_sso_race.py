"""Many come at the same moment with one token of the paper, or by one log-in: one account, one session."""

import base64
import json

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Login, SpentToken, Trait
from app.models.trait import LOGIN
from config.settings import Settings
from tests.support import factories, sso
from tests.support.together import at_once

TIMES = 16


@pytest.fixture(autouse=True)
def _site(database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session, "gazette")
        site.policy = {"sso": {"mailboxes_verified": True}, "entitlement": {"paper_entitles": True}}


def test_one_of_many_browsers_spends_a_token(app: Flask, settings: Settings, database: Database) -> None:
    token = sso.token(settings, "gazette", name="Ada")
    answers = at_once(
        lambda number: sso.exchange(app.test_client(), token, browser=f"browser-number-{number:04}"), TIMES
    )
    codes = [answer.get_json().get("code", "signed in") for answer in answers]
    assert (codes.count("signed in"), codes.count("sso_used")) == (1, TIMES - 1)
    with database.reading() as session:
        assert session.scalar(select(func.count(SpentToken.number))) == 1
        assert session.scalar(select(func.count(Account.id))) == 1


def test_one_browser_gets_one_session_however_often_it_asks(app: Flask, settings: Settings) -> None:
    token = sso.token(settings, "gazette", name="Ada")
    answers = at_once(lambda _number: sso.exchange(app.test_client(), token), TIMES)
    assert {answer.status_code for answer in answers} == {200}
    bodies = [answer.get_json()["token"].split(".")[1] for answer in answers]
    assert len({json.loads(base64.urlsafe_b64decode(body + "==="))["sid"] for body in bodies}) == 1


def test_one_who_is_new_gets_one_account(app: Flask, settings: Settings, database: Database) -> None:
    tokens = [
        sso.token(settings, "gazette", name="Ada", email="ada@example.org", entitled_until=4_000_000_000)
        for _ in range(TIMES)
    ]
    answers = at_once(lambda number: sso.exchange(app.test_client(), tokens[number]), TIMES)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_json()["me"]["id"] for answer in answers}) == 1
    with database.reading() as session:
        for counted in (Account.id, Login.id):
            assert session.scalar(select(func.count(counted))) == 1
        assert session.scalar(select(func.count(Trait.token)).where(Trait.kind == LOGIN)) == 1


def test_two_who_are_new_with_one_name_mailbox_and_customer_are_both_let_in(
    app: Flask, settings: Settings, database: Database
) -> None:
    said = {"name": "Ada", "email": "ada@example.org", "stripe_customer": "cus_ada"}
    tokens = [sso.token(settings, "gazette", sub=f"sub-{number}", **said) for number in range(TIMES)]
    answers = at_once(lambda number: sso.exchange(app.test_client(), tokens[number]), TIMES)
    assert {answer.status_code for answer in answers} == {200}
    names = [answer.get_json()["me"]["name"] for answer in answers]
    assert (len(set(names)), names.count("Ada")) == (TIMES, 1)
    with database.reading() as session:
        assert session.scalar(select(func.count(Account.id)).where(Account.email_token.is_not(None))) == 1
