"""The keys that the paper publishes: which of them count, and what becomes of readers while they cannot be read."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey

from app import outgoing
from app.db import Database
from app.models import Site
from app.sign_in import paper_keys, published
from app.sign_in.paper_keys import find_published as find
from config.settings import BadSetting, Settings
from tests.support import factories, key_server, sso
from tests.support.key_server import ED25519, OTHER_RSA, RSA, KeyServer, publishing, saying
from tests.support.settings import settings_for
from tests.support.together import at_once


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    with key_server.serving(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(found.certificate))
        yield found


@pytest.fixture
def settings(database: Database, tmp_path: Path, keys: KeyServer) -> Settings:
    return replace(settings_for(database, tmp_path), sso_jwks=keys.address)


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "gazette")


@pytest.fixture
def a_minute_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two questions."""
    monkeypatch.setattr(published, "BETWEEN_READINGS_SECONDS", 0)


def code(client: FlaskClient, settings: Settings, key: Any, algorithm: str, **header: Any) -> str:
    """What comes of a token that is signed like that."""
    answer = sso.exchange(client, sso.signed(sso.claims(settings, "gazette"), key, algorithm, **header))
    return "signed in" if answer.status_code == 200 else str(answer.get_json()["code"])


def test_a_token_is_signed_with_any_key_that_is_published(
    client: FlaskClient, settings: Settings, site: Site, keys: KeyServer
) -> None:
    assert code(client, settings, RSA, "RS256", kid="rsa") == "signed in"
    assert code(client, settings, ED25519, "EdDSA", kid="ed") == "signed in"
    assert code(client, settings, ED25519, "Ed25519", kid="ed") == "signed in"  # as RFC 9864 calls it
    assert code(client, settings, OctKey.import_key(settings.sso_secret), "HS256") == "signed in"
    assert keys.asked == 1


def test_key_and_algorithm_belong_together_whatever_the_token_says(
    client: FlaskClient, settings: Settings, site: Site
) -> None:
    shared = OctKey.import_key(settings.sso_secret)
    published_as_secret = (RSA.as_pem(private=False), RSA.as_der(private=False), ED25519.as_pem(private=False))
    for secret in (*published_as_secret, str(ED25519.as_dict(private=False)["x"]).encode()):
        for header in ({"kid": "rsa"}, {"kid": "ed"}, {}):
            answer = sso.exchange(client, sso.by_hand(sso.claims(settings, "gazette"), secret, **header))
            assert answer.get_json()["code"] == "sso_invalid"
    assert code(client, settings, shared, "HS256", kid="rsa") == "sso_invalid"
    assert code(client, settings, RSA, "RS256", kid="ed") == "sso_invalid"
    assert code(client, settings, RSA, "RS256") == "sso_invalid"
    assert code(client, settings, RSA, "RS512", kid="rsa") == "sso_invalid"
    assert code(client, settings, RSA, "PS256", kid="rsa") == "sso_invalid"
    assert code(client, settings, OTHER_RSA, "RS256", kid="rsa") == "sso_invalid"
    own = OTHER_RSA.as_dict(private=False)
    assert code(client, settings, OTHER_RSA, "RS256", kid="rsa", jwk=own) == "sso_invalid"
    assert code(client, settings, OTHER_RSA, "RS256", kid="rsa", jku="https://evil.example/keys") == "sso_invalid"


def test_what_is_no_public_key_to_sign_with_does_not_count(
    client: FlaskClient, settings: Settings, site: Site, keys: KeyServer
) -> None:
    secret = OctKey.import_key("published, and so no secret any more")
    with pytest.warns(SecurityWarning):
        weak = RSAKey.generate_key(1024)
    keys.answer = publishing(
        {**secret.as_dict(), "kid": "secret"},
        {**secret.as_dict(), "kid": "secret", "alg": "HS256"},
        key_server.published(weak, "weak"),
        key_server.published(OTHER_RSA, "for secrets", use="enc"),
        key_server.published(OTHER_RSA, "longer", alg="RS512"),
        {**OTHER_RSA.as_dict(private=False)},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        {"kty": "EC", "kid": "another"},
        {"kid": ["a list"], "kty": "RSA"},
        key_server.published(RSA, "rsa"),
        key_server.published(OTHER_RSA, "rsa"),
    )
    assert code(client, settings, RSA, "RS256", kid="rsa") == "signed in"
    assert code(client, settings, OTHER_RSA, "RS256", kid="rsa") == "sso_invalid"
    assert code(client, settings, secret, "HS256", kid="secret") == "sso_key"
    assert code(client, settings, weak, "RS256", kid="weak") == "sso_key"
    assert code(client, settings, OTHER_RSA, "RS256", kid="for secrets") == "sso_key"
    assert code(client, settings, OTHER_RSA, "RS256", kid="longer") == "sso_key"


@pytest.mark.usefixtures("a_minute_passes")
def test_a_new_key_is_read_when_it_is_needed_and_one_that_is_gone_is_forgotten(
    client: FlaskClient, settings: Settings, site: Site, keys: KeyServer
) -> None:
    assert code(client, settings, RSA, "RS256", kid="rsa") == "signed in"
    keys.answer = publishing(key_server.published(OTHER_RSA, "next"))
    assert code(client, settings, OTHER_RSA, "RS256", kid="next") == "signed in"
    assert code(client, settings, RSA, "RS256", kid="rsa") == "sso_key"


def test_a_key_that_was_withdrawn_goes_though_nobody_asks_for_another(
    client: FlaskClient, settings: Settings, site: Site, keys: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code(client, settings, RSA, "RS256", kid="rsa") == "signed in"
    keys.answer = publishing(key_server.published(OTHER_RSA, "next"))
    monkeypatch.setattr(published, "FRESH_SECONDS", 0)
    monkeypatch.setattr(published, "BETWEEN_READINGS_SECONDS", 0)
    code(client, settings, RSA, "RS256", kid="rsa")  # nobody waits for what is read behind it
    for _ in range(200):
        if code(client, settings, RSA, "RS256", kid="rsa") == "sso_key":
            return
    raise AssertionError("the key is still good")


def test_who_makes_up_keys_has_them_read_once_a_minute(
    client: FlaskClient, settings: Settings, site: Site, keys: KeyServer
) -> None:
    for number in range(30):
        assert code(client, settings, OTHER_RSA, "RS256", kid=f"made up {number}") == "sso_key"
    assert keys.asked == 1
    assert code(client, settings, RSA, "RS256", kid="rsa") == "signed in"


def test_nobody_waits_for_what_somebody_else_has_read(keys: KeyServer) -> None:
    """Two know their keys, and one of twelve who do not is who reads: the answer comes when all others are done."""
    known = paper_keys.published_at(keys.address)
    assert find(known, "rsa") is not None
    known._began_at = float("-inf")
    others_are_done = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        assert others_are_done.wait(outgoing.MOST_SECONDS)
        publishing(key_server.published(OTHER_RSA, "next"))(handler)

    keys.answer = late
    answers: list[object] = []

    def ask(kid: str) -> None:
        answers.append(find(known, kid))
        if len(answers) == 13:
            others_are_done.set()

    at_once(lambda number: ask("rsa" if number < 2 else "next"), 14)
    assert [found is not None for found in answers[:13]].count(True) == 2
    assert (answers[13] is not None, keys.asked) == (True, 2)


def trickling(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "60000")
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        threading.Event().wait(0.05)


def slow_to_begin(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(600):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if _ == 0 else b"X-Slow: yes\r\n")
        threading.Event().wait(0.05)


MISBEHAVIOUR = {
    "trickling": trickling,
    "slow to begin": slow_to_begin,
    "broken": saying(b"", 500),
    "gone": saying(b"", 404),
    "elsewhere": saying(b"", 302, Location="https://localhost/keys.json"),
    "elsewhere with keys": saying(b'{"keys": []}', 301, Location="/other"),
    "huge": saying(b'{"keys": [], "more": "' + b"x" * 70_000 + b'"}'),
    "cut short": saying(b'{"keys": []}', Content_Length="500"),
    "HTML": saying(b"<!doctype html>"),
    "no keys": saying(b'{"keys": []}'),
    "a list": saying(b"[]"),
    "deep": saying(b"[" * 60_000),
    "odd": saying(b'{"keys": [1, null, "rsa", {"kid": null}]}'),
    "odder": saying(b'{"keys": {"rsa": 1}}'),
    "not UTF-8": saying(b"\xff\xfe\x00"),
    "nothing": lambda handler: handler.connection.close(),
}


@pytest.mark.usefixtures("a_minute_passes")
@pytest.mark.parametrize("wrong", MISBEHAVIOUR)
def test_the_last_good_keys_stay_while_they_cannot_be_read(
    keys: KeyServer, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "MOST_SECONDS", 0.6)
    known = paper_keys.published_at(keys.address)
    assert find(known, "rsa") is not None
    keys.answer = MISBEHAVIOUR[wrong]
    assert find(known, "next") is None
    assert (find(known, "rsa") is not None, keys.asked) == (True, 2)
    keys.answer = publishing(key_server.published(OTHER_RSA, "next"))
    assert find(known, "next") is not None


def test_a_certificate_that_nobody_knows_is_not_believed(keys: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert find(paper_keys.published_at(keys.address), "rsa") is None
    assert keys.asked == 0


def test_a_certificate_of_another_host_is_not_believed(keys: KeyServer) -> None:
    assert find(paper_keys.published_at(keys.address.replace("localhost", "127.0.0.1")), "rsa") is None
    assert keys.asked == 0


def test_no_transaction_is_open_while_they_are_read(
    client: FlaskClient, settings: Settings, database: Database, site: Site, keys: KeyServer
) -> None:
    open_then: list[int] = []

    def look(handler: BaseHTTPRequestHandler) -> None:
        open_then.append(database.engine.pool.checkedout())  # type: ignore[attr-defined]
        publishing()(handler)

    keys.answer = look
    assert code(client, settings, RSA, "RS256", kid="rsa") == "signed in"
    assert open_then == [0]


@pytest.mark.parametrize(
    "address",
    [
        "http://paper.example/keys",
        "paper.example",
        "https://",
        "https://me@paper.example/k",
        "ftp://paper.example",
        "/k",
    ],
)
def test_only_an_address_of_https_is_one(tmp_path: Path, address: str) -> None:
    with pytest.raises(BadSetting, match="BTL_SSO_JWKS"):
        Settings.from_env({"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(tmp_path), "BTL_SSO_JWKS": address})
