"""/oidc: signing in by the house's provider of identities, which runs in a process of its own."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Semaphore
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import clock, outgoing
from app.db import Database
from app.models import Account, Login, Role, Site
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.sign_in import oidc, published, token_endpoint
from config import log_ins
from config.settings import BadSetting, Settings
from tests.support import factories, identity_provider
from tests.support.callers import Browser, OpenBrowser
from tests.support.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider
from tests.support.settings import settings_for

GOOD: dict[str, Any] = {
    "header": {},
    "discovery": {},
    "status": 200,
    "key": "ours",
    "back": {},
    "given": {},
    "token": None,
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with identity_provider.running(tmp_path_factory.mktemp("provider")) as found:
        yield found


@pytest.fixture
def settings(
    database: Database, tmp_path: Path, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(provider.certificate))
    token_endpoint.at.cache_clear()
    made = settings_for(database, tmp_path)
    return replace(made, oidc_issuer=provider.issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET)


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        made = factories.site(session, "gazette")
        made.policy = {"sso": {"mailboxes_verified": True}}
        return made


def go(reader: Browser, provider: IdentityProvider, following: str = "/account") -> TestResponse:
    """Press the button and come back; what the page says then."""
    begun = reader.get("/oidc", query_string={"next": following})
    assert begun.status_code == 303, begun.text
    back = urlsplit(provider.leads_to(begun.headers["Location"]))
    return reader.get(f"{back.path}?{back.query}")


def refusal(answer: TestResponse) -> tuple[int, str]:
    found = re.search(r'data-problem="(\w+)"', answer.text)
    return answer.status_code, found[1] if found else ""


def me(reader: Browser) -> str | None:
    found = re.search(r"<dt>Display name</dt><dd>([^<]+)", reader.get("/account").text)
    return found[1] if found else None


def test_a_reader_signs_in_and_comes_again(
    browser: OpenBrowser, provider: IdentityProvider, database: Database, site: Site
) -> None:
    provider.lets_in(
        "ada", told=GOOD, name="Ada Lovelace", locale="fr-CA", email="ada@example.org", email_verified=True
    )
    reader = browser(None)
    answer = go(reader, provider)
    assert (answer.status_code, answer.headers["Location"], me(reader)) == (303, "/account", "Ada Lovelace")
    go(browser(None), provider)
    with database.reading() as session:
        account = session.scalars(select(Account)).one()
        assert (account.email, account.language, account.email_token is None) == ("ada@example.org", "fr", False)
        login = session.scalars(select(Login)).one()
        assert (login.provider, login.subject) == ("oidc", f"{provider.issuer} ada")


def test_it_asks_for_a_code_with_all_that_guards_it(
    browser: OpenBrowser, provider: IdentityProvider, site: Site
) -> None:
    first, second = (dict(parse_qsl(urlsplit(browser(None).get("/oidc").headers["Location"]).query)) for _ in range(2))
    assert first["redirect_uri"].endswith("/oidc/back")
    assert (first["scope"], first["code_challenge_method"]) == ("openid email profile", "S256")
    assert "code_verifier" not in first
    for part in ("state", "nonce", "code_challenge"):
        assert len(first[part]) >= 32
        assert first[part] != second[part]


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"nonce": "another"}, {}),
        ({"nonce": None}, {}),
        ({"iss": "https://evil.example"}, {}),
        ({"iss": None}, {}),
        ({"aud": "somebody else"}, {}),
        ({"aud": ["somebody else"]}, {}),
        ({"aud": [CLIENT_ID, "somebody else"]}, {}),
        ({"aud": CLIENT_ID, "azp": "somebody else"}, {}),
        ({"exp": 1}, {}),
        ({"exp": None}, {}),
        ({"exp": "soon"}, {}),
        ({"iat": 4102444000}, {}),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, {}),
        ({"sub": None}, {}),
        ({"sub": ""}, {}),
        ({"sub": 7}, {}),
        ({"sub": "x" * 300}, {}),
        ({}, {"key": "another"}),
        ({}, {"header": {"kid": "unknown"}}),
        ({}, {"header": {"alg": "PS256"}}),
        ({}, {"given": {"id_token": None}}),
        ({}, {"given": {"id_token": "a.b.c"}}),
        ({}, {"given": {"id_token": ["a"]}}),
        ({}, {"back": {"iss": "https://evil.example"}}),
    ],
    ids=str,
)
def test_what_cannot_be_believed_lets_nobody_in(
    browser: OpenBrowser,
    provider: IdentityProvider,
    database: Database,
    site: Site,
    claims: dict[str, Any],
    told: dict[str, Any],
) -> None:
    provider.lets_in("ada", told={**GOOD, **told}, **claims)
    reader = browser(None)
    assert refusal(go(reader, provider)) == (422, "oidc_invalid")
    assert me(reader) is None
    with database.reading() as session:
        assert session.scalar(select(func.count(Account.id))) == 0


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"back": {"code": "made up"}}, (422, "oidc_refused")),
        ({"back": {"code": None, "error": "access_denied"}}, (422, "oidc_refused")),
        ({"back": {"state": "another"}}, (422, "oidc_state")),
        ({"back": {"state": None}}, (422, "oidc_state")),
        ({"status": 500}, (503, "oidc_unavailable")),
        ({"given": {"error": "server_error"}}, (422, "oidc_refused")),
    ],
    ids=str,
)
def test_whoever_the_provider_does_not_let_in_stays_out(
    browser: OpenBrowser, provider: IdentityProvider, site: Site, told: dict[str, Any], code: tuple[int, str]
) -> None:
    provider.lets_in("ada", told={**GOOD, **told})
    reader = browser(None)
    assert refusal(go(reader, provider)) == code
    assert me(reader) is None


@pytest.mark.parametrize("wrong", identity_provider.MISBEHAVIOUR)
def test_whatever_comes_instead_of_an_answer_is_no_answer_and_soon_over(
    browser: OpenBrowser, provider: IdentityProvider, site: Site, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    provider.lets_in("ada", told={**GOOD, "token": wrong})
    monkeypatch.setattr(outgoing, "MOST_SECONDS", 0.6)
    reader = browser(None)
    assert refusal(go(reader, provider)) == (503, "oidc_unavailable")
    assert me(reader) is None


def test_whoever_does_not_answer_is_left_alone_and_asked_again(
    browser: OpenBrowser, provider: IdentityProvider, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.lets_in("ada", told={**GOOD, "token": "hangs"})
    monkeypatch.setattr(outgoing, "MOST_SECONDS", 0.6)
    for _ in range(token_endpoint.FAILURES_OF_ONE_WHO_IS_AWAY):
        assert go(browser(None), provider).status_code == 503
    provider.lets_in("ada", told=GOOD)
    assert go(browser(None), provider).status_code == 503
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + token_endpoint.SILENCE_SECONDS)
    assert go(browser(None), provider).status_code == 303


def test_few_ask_at_a_time_and_the_next_are_told_so_at_once(
    browser: OpenBrowser, provider: IdentityProvider, site: Site
) -> None:
    """While as many as may ask wait for an answer, another is told; the answers come then."""
    asked, goes_on, most = Semaphore(0), Event(), token_endpoint.MOST_AT_A_TIME
    ask = outgoing.Client.ask

    def late(*arguments: Any) -> outgoing.Answer:
        asked.release()
        assert goes_on.wait(60)
        return ask(*arguments)

    provider.lets_in("ada", told=GOOD)
    assert go(browser(None), provider).status_code == 303
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(most) as pool:
        patch.setattr(outgoing.Client, "ask", late)
        first = [pool.submit(go, browser(None), provider) for _ in range(most)]
        for _ in first:
            assert asked.acquire(timeout=60)
        assert refusal(go(browser(None), provider)) == (503, "oidc_unavailable")
        goes_on.set()
        assert [each.result().status_code for each in first] == [303] * most


def test_our_secret_is_shown_as_the_provider_wants_it(
    browser: OpenBrowser, provider: IdentityProvider, site: Site
) -> None:
    oidc._published_by.cache_clear()
    provider.lets_in(
        "ada", told={**GOOD, "discovery": {"token_endpoint_auth_methods_supported": ["client_secret_post"]}}
    )
    assert go(browser(None), provider).status_code == 303
    oidc._published_by.cache_clear()
    provider.lets_in("ada", told=GOOD)
    assert go(browser(None), provider).status_code == 303


def test_a_link_that_somebody_else_has_made_signs_nobody_in(
    browser: OpenBrowser, provider: IdentityProvider, site: Site
) -> None:
    """Mallory begins, is let in, and has another follow the way back."""
    provider.lets_in("mallory", told=GOOD)
    mallory, victim = browser(None), browser(None)
    back = urlsplit(provider.leads_to(mallory.get("/oidc").headers["Location"]))
    assert refusal(victim.get(f"{back.path}?{back.query}")) == (422, "oidc_state")
    victim.get("/oidc")  # who has begun themselves is no better prey
    assert refusal(victim.get(f"{back.path}?{back.query}")) == (422, "oidc_state")
    assert me(victim) is None


def test_the_way_back_is_gone_once_and_not_forever(
    browser: OpenBrowser, provider: IdentityProvider, site: Site
) -> None:
    provider.lets_in("ada", told=GOOD)
    reader = browser(None)
    back = urlsplit(provider.leads_to(reader.get("/oidc").headers["Location"]))
    assert reader.get(f"{back.path}?{back.query}").status_code == 303
    assert refusal(reader.get(f"{back.path}?{back.query}")) == (422, "oidc_state")
    late = urlsplit(provider.leads_to(reader.get("/oidc").headers["Location"]))
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert refusal(reader.get(f"{late.path}?{late.query}")) == (422, "oidc_state")


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_away_from_us(
    browser: OpenBrowser, provider: IdentityProvider, site: Site, elsewhere: str
) -> None:
    provider.lets_in("ada", told=GOOD)
    assert go(browser(None), provider, elsewhere).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("said", "verified", "has_mailbox"),
    [(True, True, True), (False, True, False), (None, True, False), ("true", True, False), (True, False, False)],
)
def test_a_mailbox_counts_where_both_say_that_it_is_confirmed(
    browser: OpenBrowser,
    provider: IdentityProvider,
    database: Database,
    site: Site,
    said: object,
    verified: bool,
    has_mailbox: bool,
) -> None:
    with database.transaction() as session:
        session.get_one(Site, site.id).policy = {"sso": {"mailboxes_verified": verified}}
    provider.lets_in("ada", told=GOOD, email="ada@example.org", email_verified=said)
    assert go(browser(None), provider).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Account.email)).one() == ("ada@example.org" if has_mailbox else None)


def test_the_rules_of_the_papers_own_log_in_hold_here_too(
    browser: OpenBrowser, provider: IdentityProvider, database: Database, settings: Settings, site: Site
) -> None:
    with database.transaction() as session:
        banned = factories.account(session, "Mallory", email="mallory@example.org", settings=settings)
        factories.sanction(session, banned, BAN, at=site)
        staff = factories.account(session, "Grace", email="grace@example.org", settings=settings)
        factories.give_role(session, staff, MODERATOR)
    provider.lets_in("1", told=GOOD, email="mallory@example.org", email_verified=True, role="administrator")
    reader = browser(None)
    go(reader, provider)
    assert "withdrawn for good" in reader.get("/account").text
    provider.lets_in("2", told=GOOD, email="grace@example.org", email_verified=True)
    reader = browser(None)
    go(reader, provider)
    assert reader.get("/queue").status_code == 404
    with database.reading() as session:
        assert session.scalars(select(Role.account_id)).all() == [staff.id]


def test_the_button_leads_there_and_the_window_back(
    browser: OpenBrowser, provider: IdentityProvider, settings: Settings, site: Site
) -> None:
    page = browser(None).get("/sign-in", query_string={"next": "/stories/1"}).text
    assert 'href="/oidc?next=%2Fstories%2F1"' in page
    following = f"/embed/window?origin=https%3A%2F%2Fpaper.example&nonce={'n' * 24}&story=tide"
    provider.lets_in("ada", told=GOOD, name="Ada")
    reader = browser(None)
    begun = reader.get("/oidc", query_string={"next": following})
    back = urlsplit(provider.leads_to(begun.headers["Location"]))
    done = reader.get(f"{back.path}?{back.query}")
    opener = [answer.headers["Cross-Origin-Opener-Policy"] for answer in (begun, done)]
    assert (opener, done.headers["Location"]) == (["unsafe-none"] * 2, following)
    assert "Continue as Ada" in reader.get(following).text


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://localhost/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_a_provider_that_says_it_is_another_is_not_used(
    browser: OpenBrowser,
    app: Any,
    settings: Settings,
    provider: IdentityProvider,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    discovery: dict[str, Any],
) -> None:
    oidc._published_by.cache_clear()
    provider.lets_in("ada", told={**GOOD, "discovery": discovery})
    assert browser(None).get("/oidc").status_code == 503
    provider.lets_in("ada", told=GOOD)
    monkeypatch.setattr(published, "BETWEEN_READINGS_SECONDS", 0)
    assert browser(None).get("/oidc").status_code == 303


def test_the_program_goes_without_the_extra_and_says_when_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_ins, "find_spec", lambda _name: None)
    demo = {"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(tmp_path)}
    assert Settings.from_env(demo).oidc_issuer == ""
    us = {"BTL_OIDC_CLIENT_ID": CLIENT_ID, "BTL_OIDC_CLIENT_SECRET": CLIENT_SECRET}
    with pytest.raises(BadSetting, match="needs the extra oidc"):
        Settings.from_env({**demo, **us, "BTL_OIDC_ISSUER": "https://a.example"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BTL_OIDC_ISSUER", "http://localhost"),
        ("BTL_OIDC_ISSUER", "https://localhost/?a=b"),
        ("BTL_OIDC_CLIENT_ID", ""),
        ("BTL_OIDC_CLIENT_SECRET", ""),
    ],
)
def test_settings_that_cannot_be_used_stop_the_start(tmp_path: Path, name: str, value: str) -> None:
    good = {"BTL_OIDC_ISSUER": "https://a.example", "BTL_OIDC_CLIENT_ID": "a", "BTL_OIDC_CLIENT_SECRET": "b"}
    with pytest.raises(BadSetting, match=name):
        Settings.from_env({"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(tmp_path), **good, name: value})
