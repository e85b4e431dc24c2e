"""POST and DELETE /api/v1/tokens, and the pages to sign in and out."""

import pytest
import time_machine
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey

from app.db import Database
from app.models import Account
from app.models.sanction import BAN
from app.sign_in import passwords
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.factories import PASSWORD

ONLY_SIGNED_IN = "/api/v1/me/data"


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


def test_nobody_ends_sessions_without_one(client: FlaskClient) -> None:
    assert client.delete("/api/v1/tokens").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"), [("ada@example.org", "wrong password"), ("nobody@example.org", PASSWORD), ("", "")]
)
def test_wrong_credentials_are_401_and_do_not_say_which(
    client: FlaskClient, ada: Account, email: str, password: str
) -> None:
    answer = client.post("/api/v1/tokens", json={"email": email, "password": password})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "wrong_credentials")


def test_the_banned_may_sign_in_and_see_why(
    client: FlaskClient, database: Database, ada: Account, browser: OpenBrowser
) -> None:
    with database.transaction() as session:
        factories.sanction(session, ada, BAN, at=factories.site(session))
    assert client.post("/api/v1/tokens", json={"email": ada.email, "password": PASSWORD}).status_code == 201
    reader = browser(None)
    reader.post("/sign-in", {"email": "ADA@example.org", "password": PASSWORD})
    assert "withdrawn for good" in reader.get("/account").text


def test_a_token_is_good_until_all_sessions_are_ended(client: FlaskClient, ada: Account, browser: OpenBrowser) -> None:
    token = client.post("/api/v1/tokens", json={"email": ada.email, "password": PASSWORD}).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    reader = browser(ada)
    assert reader.get("/account").status_code == 200
    assert client.get(ONLY_SIGNED_IN, headers=headers).status_code == 200
    assert client.delete("/api/v1/tokens", headers=headers).status_code == 204
    assert client.get(ONLY_SIGNED_IN, headers=headers).status_code == 401
    assert reader.get("/account").status_code == 401


def test_an_expired_token_is_nobodys(client: FlaskClient, ada: Account, bearer: Bearer) -> None:
    headers = bearer(ada)
    with time_machine.travel("2099-01-01"):
        assert client.get(ONLY_SIGNED_IN, headers=headers).status_code == 401


def test_a_token_of_another_audience_or_key_or_none_is_nobodys(
    client: FlaskClient, settings: Settings, ada: Account, bearer: Bearer
) -> None:
    good = bearer(ada)["Authorization"].removeprefix("Bearer ")
    head, body, signature = good.split(".")
    claims = {"sub": str(ada.id), "epoch": 0, "aud": settings.public_url, "exp": 4_000_000_000}
    ours, theirs = OctKey.import_key(settings.secret_key), OctKey.import_key("another key that is long enough, too")
    forged = [
        f"{head}.{body}x.{signature}",
        f"{head}.{body}.{signature[:-2]}",
        f"eyJhbGciOiJub25lIn0.{body}.",
        jwt.encode({"alg": "HS256"}, claims, theirs),
        jwt.encode({"alg": "HS256"}, {**claims, "aud": "https://elsewhere.example"}, ours),
        jwt.encode({"alg": "HS256"}, {**claims, "sub": "no number"}, ours),
        jwt.encode({"alg": "HS256"}, {**claims, "epoch": 1}, ours),
        jwt.encode({"alg": "HS256"}, {k: v for k, v in claims.items() if k != "exp"}, ours),
        "",
        "x" * 5000,
    ]
    for token in forged:
        assert client.get(ONLY_SIGNED_IN, headers={"Authorization": f"Bearer {token}"}).status_code == 401, token
    assert client.get(ONLY_SIGNED_IN, headers={"Authorization": f"Bearer {good}"}).status_code == 200


def test_a_tampered_cookie_is_nobodys(ada: Account, browser: OpenBrowser) -> None:
    reader = browser(ada)
    cookie = reader.client.get_cookie("btl")
    assert cookie is not None
    for value in (cookie.value[:-1], "." + cookie.value, cookie.value.swapcase(), "", "x" * 3000):
        reader.client.set_cookie("btl", value)
        assert reader.get("/account").status_code == 401
    reader.client.set_cookie("btl", cookie.value)
    assert reader.get("/account").status_code == 200


def test_a_cookie_expires(ada: Account, browser: OpenBrowser) -> None:
    reader = browser(ada)
    cookie = reader.client.get_cookie("btl")
    assert cookie is not None
    with time_machine.travel("2099-01-01"):
        reader.client.set_cookie("btl", cookie.value)
        assert reader.get("/account").status_code == 401


def test_a_browser_signs_in_goes_on_to_where_it_wanted_and_signs_out(ada: Account, browser: OpenBrowser) -> None:
    reader = browser(None)
    assert 'name="next" value="/account"' in reader.get("/sign-in?next=/account").text
    answer = reader.post("/sign-in", {"email": "ada@example.org", "password": PASSWORD, "next": "/account"})
    assert answer.location == "/account"
    assert "Ada" in reader.get("/account").text
    reader.post("/sign-out")
    assert reader.get("/account").status_code == 401


def test_whoever_must_sign_in_first_is_led_back_to_what_they_asked_for(browser: OpenBrowser) -> None:
    assert 'href="/sign-in?next=/account"' in browser(None).get("/account").text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", "/a\nb"]
)
def test_nobody_is_led_elsewhere_by_our_form(ada: Account, browser: OpenBrowser, elsewhere: str) -> None:
    form = {"email": "ada@example.org", "password": PASSWORD, "next": elsewhere}
    assert browser(None).post("/sign-in", form).location == "/"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/account/sessions"])
def test_a_form_without_its_token_is_forged(ada: Account, browser: OpenBrowser, path: str) -> None:
    answer = browser(ada).client.post(path, data={"email": "ada@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")


def test_ending_all_sessions_signs_out_every_browser(ada: Account, browser: OpenBrowser) -> None:
    here, there = browser(ada), browser(ada)
    assert here.post("/account/sessions").location == "/sign-in"
    assert (here.get("/account").status_code, there.get("/account").status_code) == (401, 401)


@pytest.mark.usefixtures("no_window_ends")
def test_an_address_tries_ten_times_a_minute_at_most(client: FlaskClient, ada: Account) -> None:
    body = {"password": "wrong password"}
    answers = [client.post("/api/v1/tokens", json=body | {"email": f"{time}@example.org"}) for time in range(11)]
    assert [answer.status_code for answer in answers[9:]] == [401, 429]
    assert int(answers[10].headers["Retry-After"]) > 0


def test_an_unknown_address_takes_as_long_as_a_known_one(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []
    real = passwords.matches

    def watched(secret: str | None, password: str) -> bool:
        checked.append(secret)
        return real(secret, password)

    monkeypatch.setattr("app.sign_in.passwords.matches", watched)
    client.post("/api/v1/tokens", json={"email": "nobody@example.org", "password": PASSWORD})
    assert checked == [None]


def test_credentials_that_a_browser_sends_by_itself_replace_no_form_token(client: FlaskClient, ada: Account) -> None:
    form = {"email": "ada@example.org", "password": PASSWORD}
    answer = client.post("/sign-in", data=form, headers={"Authorization": "Basic eDp5"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")
