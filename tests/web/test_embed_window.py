"""The window by which a reader signs in for a page that our cookie does not reach."""

import html
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Site
from app.models.sanction import BAN
from tests.support import factories
from tests.support.callers import OpenBrowser

PATH = "/embed/window"
OPENED = {"origin": "https://paper.example", "nonce": "n" * 24, "story": "tide"}


@pytest.fixture
def reader(database: Database, site: Site) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=factories.PASSWORD)


def told(page: str) -> Any:
    found = re.search(r'data-origin="([^"]+)".*data-told="([^"]+)"', page, re.DOTALL)
    return (json.loads(html.unescape(found[2])), found[1]) if found else None


def test_a_reader_signs_in_and_is_asked_before_the_page_is_told(
    browser: OpenBrowser, client: FlaskClient, reader: Account
) -> None:
    window = browser(None)
    assert "Sign in to comment at" in window.get(PATH, query_string=OPENED).text
    signed_in = window.post(PATH, {**OPENED, "email": "ada@example.org", "password": factories.PASSWORD})
    assert (signed_in.status_code, signed_in.headers["Cross-Origin-Opener-Policy"]) == (303, "unsafe-none")
    asked = window.get(signed_in.headers["Location"])
    assert "Continue as Ada" in asked.text
    assert "whether you may write, why and until when" in asked.text  # standing and entitlement are told, too
    assert told(asked.text) is None
    answer = window.post(f"{PATH}/continue", OPENED)
    message, origin = told(answer.text)
    assert (message["nonce"], origin, message["session"]["me"]["name"]) == ("n" * 24, OPENED["origin"], "Ada")
    token = {"Authorization": f"Bearer {message['session']['token']}"}
    assert client.get("/api/v1/me", headers=token).get_json()["name"] == "Ada"
    assert client.get("/api/v1/me/data", headers=token).get_json()["code"] == "scope"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/continue"])
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"origin": "https://evil.example"}, "page"),
        ({"origin": ""}, "page"),
        ({"origin": "null"}, "page"),
        ({"origin": "https://paper.example/"}, "page"),
        ({"nonce": ""}, "malformed"),
        ({"nonce": "short"}, "malformed"),
        ({"nonce": "<script>alert(1)</script>"}, "malformed"),
        ({"site": "nowhere"}, "unknown_site"),
    ],
)
def test_for_any_other_page_it_does_nothing(
    browser: OpenBrowser, reader: Account, path: str, wrong: dict[str, str], code: str
) -> None:
    window = browser(reader)
    answer = window.post(path, OPENED | wrong)
    assert (answer.status_code in (403, 404, 422), f'data-problem="{code}"' in answer.text) == (True, True)
    assert told(answer.text) is None


def test_nobody_in_particular_is_told_of_nobody(browser: OpenBrowser, site: Site) -> None:
    answer = browser(None).post(f"{PATH}/continue", OPENED)
    assert told(answer.text) is None
    assert "Sign in to comment at" in answer.text


def test_a_wrong_password_says_so_and_keeps_the_page_that_asks(browser: OpenBrowser, reader: Account) -> None:
    answer = browser(None).post(PATH, {**OPENED, "email": "ada@example.org", "password": "wrong"})
    assert answer.status_code == 401
    assert 'value="ada@example.org"' in answer.text
    assert f'name="nonce" value="{OPENED["nonce"]}"' in answer.text
    assert answer.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"


def test_who_is_banned_learns_why_under_the_article(
    browser: OpenBrowser, database: Database, reader: Account, site: Site
) -> None:
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, reader.id), BAN, at=site)
    message, _origin = told(browser(reader).post(f"{PATH}/continue", OPENED).text)
    me = message["session"]["me"]
    assert (me["may_write"], me["code"], me["step"]) == (False, "banned", "account")


def test_no_other_page_of_ours_keeps_its_opener(client: FlaskClient, site: Site) -> None:
    for path in ("/", "/sign-in", "/sign-up", "/rules"):
        assert client.get(path).headers["Cross-Origin-Opener-Policy"] == "same-origin"
