"""Whoever is signed in by the paper alone has no password: what others are asked it for, and how they get one."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import clock
from app.accounts import roles
from app.accounts.one_time_tokens import issue
from app.db import Database
from app.errors import Conflict
from app.installation import Installation
from app.models import Account, Letter, Login, OneTimeToken, Role, Site
from app.models.one_time_token import RESET, VERIFY
from app.models.role import MODERATOR
from app.sign_in import resets
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, sso
from tests.support.assembled import assembled
from tests.support.callers import Browser, OpenBrowser

EMAIL = "ada@example.org"


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        made = factories.site(session, "gazette")
        made.policy = {"sso": {"mailboxes_verified": True}}
        return made


@pytest.fixture
def it(settings: Settings, house: HouseRules, database: Database) -> Installation:
    return assembled(settings, house, database)


@pytest.fixture
def reader(browser: OpenBrowser, settings: Settings, site: Site) -> Browser:
    """Ada, signed in on our pages by the paper."""
    opened = browser(None)
    token = sso.page_token(settings, "gazette", name="Ada", email=EMAIL)
    assert opened.post("/sso/continue", {"token": token, "next": "/account"}).status_code == 303
    return opened


def ada(database: Database) -> Account:
    with database.reading() as session:
        return session.scalars(select(Account)).one()


def test_the_account_says_nothing_of_a_password(reader: Browser) -> None:
    assert "Change your password" not in reader.get("/account").text
    assert 'type="password"' not in reader.get("/account/erase").text


def test_a_reader_whose_mailbox_nobody_confirmed_learns_it(
    browser: OpenBrowser, settings: Settings, database: Database, site: Site
) -> None:
    opened = browser(None)
    opened.post("/sso/continue", {"token": sso.page_token(settings, "gazette")})
    page = opened.get("/account").text
    assert "no letter of ours reaches you" in page
    assert "None" not in page


def test_who_signed_in_just_now_erases_the_account(reader: Browser, database: Database) -> None:
    assert reader.post("/account/erase").status_code == 400  # not sure
    assert reader.post("/account/erase", {"sure": "yes"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Account.state)).all() == ["erased"]
        assert session.scalar(select(func.count(Login.id))) == 0


def test_who_signed_in_a_while_ago_signs_in_again_first(reader: Browser, database: Database) -> None:
    csrf = reader.csrf()
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        answer = reader.post("/account/erase", {"sure": "yes", "csrf_token": csrf})
        assert (answer.status_code, 'data-problem="sign_in_again"' in answer.text) == (403, True)
    assert ada(database).state == "active"


def test_another_kind_of_session_of_who_has_no_password_erases_nothing(
    browser: OpenBrowser, reader: Browser, database: Database
) -> None:
    opened = browser(ada(database))
    assert opened.post("/account/erase", {"sure": "yes"}).status_code == 403
    assert ada(database).state == "active"


def test_a_letter_to_the_confirmed_mailbox_sets_a_password(
    it: Installation, reader: Browser, client: FlaskClient, settings: Settings, database: Database
) -> None:
    resets.write_letter(it, {"email": EMAIL})
    with database.transaction() as session:
        assert session.scalars(select(Letter.kind)).all() == ["reset"]
        secret = issue(session, settings, ada(database).id, RESET)
    new = {"token": secret, "password": "four words nobody guesses"}
    assert client.post("/api/v1/password-resets/use", json=new).status_code < 300
    by_password = client.post("/api/v1/tokens", json={"email": EMAIL, "password": new["password"]})
    assert by_password.status_code == 201
    again = sso.exchange(client, sso.token(settings, "gazette", email="other@example.org")).get_json()["me"]
    assert again["id"] == str(ada(database).id)
    assert ada(database).email == EMAIL  # which the password goes with
    with database.reading() as session:
        assert sorted(session.scalars(select(Login.provider))) == ["local", "sso"]


def test_a_letter_to_a_mailbox_that_is_theirs_no_more_sets_none(
    reader: Browser, client: FlaskClient, settings: Settings, database: Database
) -> None:
    mine = ada(database).id
    with database.transaction() as session:
        factories.account(session, email="other@example.org", settings=settings, password=factories.PASSWORD)
        letters = [issue(session, settings, mine, purpose) for purpose in (RESET, VERIFY)]
    sso.exchange(client, sso.token(settings, "gazette", email="other@example.org"))
    with database.transaction() as session:
        assert session.scalars(select(OneTimeToken.id).where(OneTimeToken.used_at.is_(None))).all() == []
        # nor does one to the new mailbox, if that is the log-in of an older account
        letters[1] = issue(session, settings, mine, RESET)
    for letter in letters:
        new = {"token": letter, "password": "four words nobody guesses"}
        answer = client.post("/api/v1/password-resets/use", json=new)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "token_invalid")
    with database.reading() as session:
        assert session.scalars(select(Login.provider).where(Login.account_id == mine)).all() == ["sso"]


def test_no_letter_goes_to_a_mailbox_that_nobody_confirmed(
    it: Installation, client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        session.get_one(Site, site.id).policy = {}
    sso.exchange(client, sso.token(settings, "gazette", email=EMAIL))
    for typed in (EMAIL, "nobody", "@", "a@b@c"):
        resets.write_letter(it, {"email": typed})
    with database.reading() as session:
        assert session.scalar(select(func.count(Letter.id))) == 0


def test_nobody_without_a_password_becomes_staff(
    reader: Browser, settings: Settings, database: Database, site: Site
) -> None:
    with pytest.raises(Conflict, match="no_password"), database.transaction() as session:
        roles.grant_by_email(session, settings, EMAIL, MODERATOR, None)
    with database.reading() as session:
        assert session.scalar(select(func.count(Role.id))) == 0
