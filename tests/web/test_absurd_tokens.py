"""What our own keys have signed, or what looks like it, may say anything: it is refused, never an accident of ours."""

import base64
import hashlib
import hmac
import json
import math
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app import clock
from app.db import Database
from app.models import Account
from app.stories import sites
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support import factories
from tests.support.callers import OpenBrowser, cookie_of

SECRET = "what the paper's own site shares with us"
# JSON as it is written, since no encoder of ours writes such
NUMBERS = ["1e400", "-1e400", "1e308", "-1", "-0", "0", "1.5", "9" * 30, "-" + "9" * 30, "9" * 5000, "NaN", "Infinity"]
OTHERS = ["null", "true", "[]", "{}", '""', '"x"', '"-5"', '"1e400"', '"٣"', '"\\ud800"', '"\\u0000"', "[" * 3000]
STRINGS = [f'"{number}"' for number in ("9223372036854775808", "9" * 5000, "0", "NaN", "１")]
ODD = st.sampled_from(NUMBERS + OTHERS + STRINGS) | st.integers().map(str) | st.floats().map(json.dumps)
few = hypothesis(max_examples=30)


def signed(key: str, claims: dict[str, str]) -> str:
    """A JWT with these claims, each given as JSON."""
    payload = "{" + ",".join(f'"{name}":{value}' for name, value in claims.items()) + "}"
    parts = [base64.urlsafe_b64encode(each).rstrip(b"=") for each in (b'{"alg":"HS256"}', payload.encode())]
    signature = hmac.new(key.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada")


@few
@given(name=st.sampled_from(["sub", "epoch", "aud", "iat", "exp"]), odd=ODD)
@example(name="exp", odd="1e400")
@example(name="epoch", odd="1e400")
@example(name="epoch", odd="9" * 30)
@example(name="sub", odd="9" * 30)
def test_a_bearer_token_with_anything_in_a_claim_is_nobodys(
    client: FlaskClient, settings: Settings, ada: Account, name: str, odd: str
) -> None:
    now = int(clock.now().timestamp())
    claims = {"sub": f'"{ada.id}"', "epoch": "0", "aud": json.dumps(settings.public_url), "exp": str(now + 60)}
    token = signed(settings.secret_keys[0], claims | {name: odd})
    status = client.get("/api/v1/me/data", headers={"Authorization": f"Bearer {token}"}).status_code
    harmless = name in ("iat", "exp") or (name == "epoch" and odd.strip('"') in ("0", "-0"))
    assert status == 401 or (harmless and status == 200)


def test_the_same_token_with_nothing_odd_is_good(client: FlaskClient, settings: Settings, ada: Account) -> None:
    now = int(clock.now().timestamp())
    claims = {"sub": f'"{ada.id}"', "epoch": "0", "aud": json.dumps(settings.public_url), "exp": str(now + 60)}
    headers = {"Authorization": f"Bearer {signed(settings.secret_keys[0], claims)}"}
    assert client.get("/api/v1/me/data", headers=headers).status_code == 200


@few
@given(name=st.sampled_from(["aud", "iat", "exp", "jti", "stripe_customer"]), odd=ODD)
@example(name="exp", odd="1e400")
@example(name="iat", odd="-1e400")
@example(name="jti", odd='"' + "\\ud800" * 20 + '"')
def test_a_voucher_with_anything_in_a_claim_is_refused(
    app: Flask, settings: Settings, ada: Account, browser: OpenBrowser, name: str, odd: str
) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], settings=replace(settings, sso_secret=SECRET))
    now = int(clock.now().timestamp())
    claims = {
        "aud": json.dumps(settings.public_url),
        "iat": str(now),
        "exp": str(now + 60),
        "jti": '"a nonce that is long enough"',
        "stripe_customer": '"cus_1"',
    }
    token, reader = signed(SECRET, claims | {name: odd}), browser(ada)
    shown = reader.get("/subscription/claim", query_string={"token": token}).status_code
    taken = reader.post("/subscription/claim", {"token": token}).status_code
    harmless = name in ("jti", "stripe_customer") and odd.startswith('"')
    assert (shown, taken) == (422, 422) or (harmless and shown == 200 and taken in (303, 422))


MARKS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30) | st.lists(st.none())
)


@few
@given(name=st.sampled_from(["_user_id", "session_id", "began", "seen"]), odd=MARKS)
@example(name="began", odd=10**400)
@example(name="seen", odd=math.inf)
@example(name="session_id", odd="\0")
@example(name="_user_id", odd="9" * 30 + ":0")
@example(name="_user_id", odd="1:" + "9" * 30)
def test_a_cookie_with_anything_in_a_mark_is_nobodys(app: Flask, ada: Account, name: str, odd: Any) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(cookie_of(ada) | {name: odd})
    whole = name == "session_id" and isinstance(odd, str) and odd.isascii() and odd.isprintable() and odd != ""
    assert client.get("/account").status_code == (200 if whole else 401)


@few
@given(token=st.text(max_size=80) | st.sampled_from(["9" * 5000, "\0", "\ud800", "1e400"]))
def test_a_one_time_token_of_any_text_is_no_good(client: FlaskClient, token: str) -> None:
    address = {"REMOTE_ADDR": f"198.51.{hash(token) % 250}.{len(token) % 250}"}
    for path in ("/api/v1/accounts/verify", "/api/v1/password-resets/use"):
        body = json.dumps({"token": token, "password": factories.PASSWORD})
        answer = client.post(path, data=body, content_type="application/json", environ_overrides=address)
        assert answer.status_code in (422, 429)
    assert client.get("/verify", query_string={"token": token.encode(errors="replace")}).status_code in (422, 429)


@few
@given(
    cursor=st.text(max_size=60) | st.sampled_from([*NUMBERS, "1e400~1", "nan~1", "1~" + "9" * 30, "9" * 19, "\0"]),
    sort=st.sampled_from(["newest", "oldest", "respect"]),
)
def test_a_cursor_of_any_text_is_malformed_or_leads_somewhere(
    client: FlaskClient, database: Database, sort: str, cursor: str
) -> None:
    if not sites.known(database):
        with database.transaction() as session:
            factories.story(session, factories.site(session), "a-story")
    query = {"sort": sort, "cursor": cursor}
    for path in ("/api/v1/stories/a-story/comments", "/queue"):
        assert client.get(path, query_string=query).status_code in (200, 404, 422, 429)
