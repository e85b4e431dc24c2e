"""POST /api/v1/embed/sso: what the paper says of its reader, exchanged for what a page gets for any reader."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from app import clock
from app.accounts import erasure
from app.db import Database
from app.models import Account, Login, Role, Site
from app.models.role import ADMINISTRATOR
from app.models.sanction import BAN
from config.settings import Settings
from tests.support import factories, sso
from tests.support.callers import Headers, OpenBrowser

RSA = RSAKey.generate_key(2048)


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "gazette")


def account_of(database: Database, subject: str = "reader-1") -> Account:
    with database.reading() as session:
        return session.scalars(select(Account).join(Login).where(Login.subject == subject)).one()


def test_who_is_signed_in_at_the_paper_is_signed_in_under_its_articles(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    said = sso.token(settings, "gazette", name="Ada Lovelace", locale="de-CH", email="ada@example.org")
    answer = sso.exchange(client, said)
    found = answer.get_json()
    assert (answer.status_code, found["me"]["name"], found["me"]["neutral_name"]) == (200, "Ada Lovelace", False)
    assert (found["me"]["language"], found["me"]["verified"], found["me"]["roles"]) == ("de", True, [])
    assert 290 <= found["expires_in"] <= 300
    token = {"Authorization": f"Bearer {found['token']}"}
    assert client.get("/api/v1/me", headers=token).get_json()["id"] == found["me"]["id"]
    assert client.get("/api/v1/me/data", headers=token).get_json()["code"] == "scope"


def test_they_come_again_to_the_same_account(client: FlaskClient, settings: Settings, site: Site) -> None:
    first = sso.exchange(client, sso.token(settings, "gazette", name="Ada")).get_json()
    again = sso.exchange(client, sso.token(settings, "gazette", name="Bob", email="other@example.org")).get_json()
    other = sso.exchange(client, sso.token(settings, "gazette", sub="reader-2", name="Bob")).get_json()
    assert first["me"]["id"] == again["me"]["id"] != other["me"]["id"]
    assert (again["me"]["name"], other["me"]["name"]) == ("Ada", "Bob")


def test_it_is_good_as_long_as_the_papers_word_is(client: FlaskClient, settings: Settings, site: Site) -> None:
    found = sso.exchange(client, sso.token(settings, "gazette")).get_json()
    token = {"Authorization": f"Bearer {found['token']}"}
    anew = client.post("/api/v1/embed/session", json={"story": "tide"}, headers={**sso.PAGE, **token}).get_json()
    assert anew["expires_in"] <= 300  # nor does it beget one that is good for longer
    later = {"Authorization": f"Bearer {anew['token']}"}
    with time_machine.travel(clock.now() + timedelta(seconds=302)):
        assert client.get("/api/v1/me", headers=token).status_code == 401
        assert client.get("/api/v1/me", headers=later).status_code == 401


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"exp": 1}, "sso_lifetime"),
        ({"iat": -700, "exp": -100}, "sso_expired"),
        ({"iat": 0, "exp": 601}, "sso_lifetime"),
        ({"iat": 120, "exp": 300}, "sso_lifetime"),
        ({"nbf": 120}, "sso_lifetime"),
        ({"iat": 30, "exp": 20}, "sso_lifetime"),
        ({"aud": "https://comments.example"}, "sso_audience"),
        ({"aud": "other"}, "sso_audience"),
        ({"aud": ["gazette", "other"]}, "sso_audience"),
        ({"aud": None}, "sso_audience"),
        ({"jti": None}, "sso_claim"),
        ({"jti": "short"}, "sso_claim"),
        ({"jti": 1234567890123456}, "sso_claim"),
        ({"jti": "x" * 201}, "sso_claim"),
        ({"sub": None}, "sso_claim"),
        ({"sub": ""}, "sso_claim"),
        ({"sub": 17}, "sso_claim"),
        ({"sub": "a\nb"}, "sso_claim"),
        ({"sub": "\ud800"}, "sso_claim"),
        ({"sub": "x" * 201}, "sso_claim"),
        ({"email": 17}, "sso_claim"),
        ({"name": ["Ada"]}, "sso_claim"),
        ({"stripe_customer": "cus_"}, "sso_claim"),
        ({"stripe_customer": "acct_1"}, "sso_claim"),
        ({"entitled_until": "2027-01-01"}, "sso_claim"),
        ({"entitled_until": True}, "sso_claim"),
        ({"entitled_until": 1e300}, "sso_claim"),
        ({"entitled_until": 253402300800}, "sso_claim"),
        ({"entitled_until": 1796000000000}, "sso_claim"),
        ({"iat": "now"}, "sso_claim"),
        ({"exp": None}, "sso_claim"),
    ],
    ids=str,
)
def test_what_it_must_not_say(
    client: FlaskClient, settings: Settings, database: Database, site: Site, said: dict[str, Any], code: str
) -> None:
    now = int(clock.now().timestamp())
    of_time = {
        name: now + value
        for name, value in said.items()
        if name in ("iat", "exp", "nbf") and value != 1 and isinstance(value, int)
    }
    answer = sso.exchange(client, sso.signed(changed(settings, {**said, **of_time}), secret(settings)))
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    with database.reading() as session:
        assert session.scalar(select(func.count(Account.id))) == 0


def changed(settings: Settings, said: dict[str, Any]) -> dict[str, Any]:
    """The claims of a good token but for some, of which None is not there."""
    known = sso.claims(settings, "gazette")
    return {name: value for name, value in {**known, **said}.items() if value is not None}


def secret(settings: Settings) -> OctKey:
    return OctKey.import_key(settings.sso_secret)


def parts(*said: Any, signature: str = "") -> str:
    """A token as somebody puts it together by hand."""
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in said]
    return ".".join([*encoded, signature])


def forged(settings: Settings) -> Iterator[tuple[str, str]]:
    """Tokens that the paper has not signed, each with what is wrong with it."""
    good = sso.claims(settings, "gazette")
    real = sso.signed(good, secret(settings))
    head, body, signature = real.split(".")
    yield "another's key", sso.signed(good, OctKey.import_key("x" * 40))
    yield "our own key", sso.signed(good, OctKey.import_key(settings.secret_keys[0]))
    yield "other claims", ".".join((head, parts({**good, "sub": "admin"}).rstrip("."), signature))
    yield "no signature", f"{head}.{body}."
    yield "no algorithm", parts({"alg": "none"}, good)
    yield "None", parts({"alg": "None"}, good, signature="AAAA")
    yield "another algorithm", sso.signed(good, RSA, "RS256")
    yield "a longer one", sso.signed(good, secret(settings), "HS512")
    yield "with the key along", sso.signed(good, RSA, "RS256", jwk=RSA.as_dict(private=False))
    yield "the empty key", sso.signed(good, OctKey.import_key("\0" * 20))
    yield "cut", real[:-4]
    yield "twice", f"{real}.{real}"
    yield "nothing", ""
    yield "dots", ".."
    yield "no JSON", f"{base64.urlsafe_b64encode(b'nothing').decode()}.{body}.{signature}"
    yield "a list", parts(["alg", "HS256"], good, signature=signature)
    yield "a number for a key", parts({"alg": "HS256", "kid": 7}, good, signature=signature)
    yield "critical", parts({"alg": "HS256", "crit": ["exp"]}, good, signature=signature)
    yield "endless", "a" * 5000
    yield "deep", parts({"alg": "HS256"}, good, signature=signature) + "[" * 3000


def test_what_the_paper_has_not_signed_lets_nobody_in(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    for wrong, text in forged(settings):
        answer = sso.exchange(client, text)
        assert (wrong, answer.status_code, answer.get_json()["code"]) == (wrong, 422, "sso_invalid")
    with database.reading() as session:
        assert session.scalar(select(func.count(Account.id))) == 0


def test_no_claim_makes_staff_or_anything_else_of_somebody(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    more = {"role": "administrator", "roles": ["moderator"], "badges": ["staff"], "verified": True, "admin": True}
    me = sso.exchange(client, sso.token(settings, "gazette", **more, scope="*", is_staff=True)).get_json()["me"]
    assert (me["roles"], me["may_write"]) == ([], False)
    with database.reading() as session:
        assert session.scalar(select(func.count(Role.id))) == 0


def test_the_word_for_one_newspaper_is_none_at_another(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        factories.site(session, "courier", origin=sso.ORIGIN)
    answer = sso.exchange(client, sso.token(settings, "courier"), site="gazette")
    assert (answer.status_code, answer.get_json()["code"]) == (422, "sso_audience")
    assert sso.exchange(client, sso.token(settings, "courier"), site="courier").status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"BTL-Embed": "1"}, {"Origin": sso.ORIGIN}, {**sso.PAGE, "Origin": "https://evil.example"}], ids=str
)
def test_only_pages_of_the_paper_exchange_it(
    client: FlaskClient, settings: Settings, site: Site, headers: Headers
) -> None:
    body = {"token": sso.token(settings, "gazette"), "browser": sso.BROWSER, "story": "tide"}
    answer = client.post("/api/v1/embed/sso", json=body, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "page")


def test_it_needs_no_cookie_and_gets_none(client: FlaskClient, settings: Settings, site: Site) -> None:
    answer = sso.exchange(client, sso.token(settings, "gazette"))
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_is_good_in_one_browser_session(client: FlaskClient, settings: Settings, site: Site) -> None:
    given = sso.token(settings, "gazette")
    first = sso.exchange(client, given).get_json()
    again = sso.exchange(client, given)
    assert (again.status_code, session_in(again.get_json()), session_in(first)) == (200, *[session_in(first)] * 2)
    for elsewhere in ("c" * 24, "B" * 24):
        answer = sso.exchange(client, given, browser=elsewhere)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "sso_used")


def test_another_token_of_the_same_number_is_refused(client: FlaskClient, settings: Settings, site: Site) -> None:
    number = "n" * 20
    assert sso.exchange(client, sso.token(settings, "gazette", jti=number)).status_code == 200
    answer = sso.exchange(client, sso.token(settings, "gazette", jti=number, sub="reader-2"))
    assert answer.get_json()["code"] == "sso_used"


def session_in(found: dict[str, Any]) -> str:
    body = found["token"].split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return str(said["sid"])


@pytest.mark.parametrize("browser", ["", "short", "b" * 65, "<script>alert(1)</script>", "ä" * 24])
def test_a_page_says_by_what_it_is_known(client: FlaskClient, settings: Settings, site: Site, browser: str) -> None:
    answer = sso.exchange(client, sso.token(settings, "gazette"), browser=browser)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "browser")


def test_without_a_secret_nobody_comes_this_way(client: FlaskClient, settings: Settings, site: Site, app: Any) -> None:
    given = sso.token(settings, "gazette")
    object.__setattr__(settings, "sso_secret", "")
    assert sso.exchange(client, given).status_code == 404


def test_who_works_here_signs_in_with_a_password(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    sso.exchange(client, sso.token(settings, "gazette"))
    with database.transaction() as session:
        factories.give_role(session, session.get_one(Account, account_of(database).id), ADMINISTRATOR)
    answer = sso.exchange(client, sso.token(settings, "gazette"))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "staff")


def test_a_ban_and_the_end_of_all_sessions_end_it(
    client: FlaskClient, settings: Settings, database: Database, site: Site, browser: OpenBrowser
) -> None:
    found = sso.exchange(client, sso.token(settings, "gazette")).get_json()
    token = {"Authorization": f"Bearer {found['token']}"}
    with database.transaction() as session:
        session.get_one(Account, int(found["me"]["id"])).session_epoch += 1
    assert client.get("/api/v1/me", headers=token).status_code == 401


def test_who_is_banned_and_erased_comes_back_banned(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    """The log-in itself is what they are known again by."""
    first = sso.exchange(client, sso.token(settings, "gazette")).get_json()["me"]
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, int(first["id"])), BAN, at=site)
        erasure.erase(session, int(first["id"]))
    back = sso.exchange(client, sso.token(settings, "gazette")).get_json()["me"]
    assert back["id"] != first["id"]
    assert (back["may_write"], back["code"]) == (False, "banned")


@pytest.mark.parametrize(
    "name",
    ["", "A", "x" * 41, "Moderator", "Gazette", "Deleted account", "A\u202edmin", "\u0000Ada", "\ud800da", "Ad\u200ba"],
)
def test_a_name_that_can_be_none_becomes_a_neutral_one(
    client: FlaskClient, settings: Settings, site: Site, name: str
) -> None:
    me = sso.exchange(client, sso.token(settings, "gazette", name=name)).get_json()["me"]
    assert (me["name"].startswith("Reader "), me["neutral_name"]) == (True, True)


def test_a_name_that_another_reader_has_or_looks_like_becomes_a_neutral_one(
    client: FlaskClient, settings: Settings, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        factories.account(session, "Ada Lovelace")
    for number, name in enumerate(("Ada Lovelace", "ada lovelace", "Ada Lоvelace")):
        me = sso.exchange(client, sso.token(settings, "gazette", sub=str(number), name=name)).get_json()["me"]
        assert me["neutral_name"], name
