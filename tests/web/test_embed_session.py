"""POST /api/v1/embed/session: what a page of the newspaper gets for its reader, and how little that is."""

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.accounts import permissions
from app.accounts.identity import ABSOLUTE_LIMIT, Identity
from app.accounts.permissions import EMBEDDED
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.role import ADMINISTRATOR, MODERATOR
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.sign_in import bearer_tokens
from app.web.endpoint import ENDPOINTS, Audience
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers, OpenBrowser, bearer_of

PATH = "/api/v1/embed/session"
ORIGIN = "https://paper.example"
PAGE = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site", "BTL-Embed": "1"}


@pytest.fixture
def reader(database: Database, site: Site) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session, "Ada")


@pytest.fixture
def comment(database: Database, site: Site, reader: Account) -> Comment:
    with database.transaction() as session:
        return factories.comment(session, factories.story(session, site, "tide"), factories.subscriber(session))


def ask(reader: Browser, headers: Headers = PAGE, **body: str) -> TestResponse:
    return reader.client.post(PATH, json={"story": "tide", **body}, headers=headers)


def without(name: str) -> Headers:
    return {key: value for key, value in PAGE.items() if key != name}


def token_of(reader: Browser) -> Headers:
    return {"Authorization": f"Bearer {ask(reader).get_json()['token']}"}


def token_by_window(reader: Browser) -> str:
    """What a page elsewhere gets after "Continue as ..."."""
    page = reader.post("/embed/window/continue", {"origin": ORIGIN, "nonce": "n" * 24, "story": "tide"}).text
    found = re.search(r'data-told="([^"]+)"', page)
    assert found
    token: str = json.loads(html.unescape(found[1]))["session"]["token"]
    return token


def test_a_page_of_the_paper_learns_who_reads_it(
    browser: OpenBrowser, client: FlaskClient, reader: Account, comment: Comment
) -> None:
    answer = ask(browser(reader))
    found = answer.get_json()
    assert (answer.status_code, found["me"]["name"], found["me"]["may_write"]) == (200, "Ada", True)
    nothing: dict[str, list[str]] = {each: [] for each in ("waiting", "respects", "disagreements", "reports", "mutes")}
    assert found["own"] == {**nothing, "follow": None, "news": False, "unread": 0}
    assert 599 <= found["expires_in"] <= 600
    written = client.post(
        "/api/v1/stories/tide/comments",
        json={"text": "A point of view."},
        headers={"Authorization": f"Bearer {found['token']}"},
    )
    assert (written.status_code, written.get_json()["state"]) == (201, "published")


def test_it_answers_nobody_else_and_no_cache(browser: OpenBrowser, reader: Account) -> None:
    answer = ask(browser(reader))
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Origin" in answer.headers["Vary"]


def test_a_browser_asks_before_it_sends_the_cookie(client: FlaskClient, site: Site) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "btl-embed"}
    answer = client.options(PATH, headers=asked)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "BTL-Embed" in answer.headers["Access-Control-Allow-Headers"]
    foreign = client.options(PATH, headers={**asked, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_no_other_route_takes_a_cookie_from_a_page(client: FlaskClient, site: Site, comment: Comment) -> None:
    """Its answer could not be read, and its request would not be sent with the header that asks for it."""
    with_cookies = set()
    for declared in ENDPOINTS:
        path = re.sub(r"<(?:\w+:)?\w+>", str(comment.id), declared.path)
        answer = client.open(path, method=declared.method, headers={"Origin": ORIGIN})
        if "Access-Control-Allow-Credentials" in answer.headers:
            with_cookies.add(declared.path)
    assert with_cookies == {PATH}


@pytest.mark.parametrize(
    "headers",
    [
        without("Origin"),
        without("BTL-Embed"),
        PAGE | {"Origin": "https://evil.example"},
        PAGE | {"Origin": "null"},
        PAGE | {"Origin": "https://paper.example.evil.example"},
        PAGE | {"Origin": "http://paper.example"},
        PAGE | {"Origin": "https://paper.example:8443"},
        PAGE | {"Origin": "http://127.0.0.1:8000"},
    ],
    ids=str,
)
def test_whoever_is_no_page_of_the_paper_is_refused(browser: OpenBrowser, reader: Account, headers: Headers) -> None:
    answer = ask(browser(reader), headers)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "page")
    assert "Access-Control-Allow-Credentials" not in answer.headers or headers.get("Origin") in (ORIGIN, None)


@pytest.mark.parametrize("headers", [PAGE | {"Sec-Fetch-Site": "cross-site"}, without("Sec-Fetch-Site")], ids=str)
def test_a_foreign_site_learns_nothing_of_the_cookie(browser: OpenBrowser, reader: Account, headers: Headers) -> None:
    """A browser that sends the cookie there all the same, or does not say where it asks from."""
    assert ask(browser(reader), headers).get_json() == {"token": None, "expires_in": None, "me": None, "own": None}


def test_of_nobody_there_is_nothing_to_tell(browser: OpenBrowser, site: Site) -> None:
    assert ask(browser(None)).get_json()["token"] is None


def test_the_page_of_one_paper_is_none_of_another(
    browser: OpenBrowser, client: FlaskClient, database: Database, reader: Account, comment: Comment
) -> None:
    with database.transaction() as session:
        other = factories.site(session, "other", origin="https://other.example")
        elsewhere = factories.comment(session, factories.story(session, other, "news"), factories.account(session))
    assert ask(browser(reader), site="other").get_json()["code"] == "page"
    ours = token_of(browser(reader))
    asked = [
        ("GET", "/api/v1/me?site=other", None),
        ("GET", "/api/v1/stories/news/mine?site=other", None),
        ("POST", "/api/v1/stories/news/comments?site=other", {"text": "A point of view."}),
        ("PUT", f"/api/v1/comments/{elsewhere.id}/respect", None),
        ("PUT", f"/api/v1/comments/{elsewhere.id}/report", {"rule": "respect"}),
        ("DELETE", f"/api/v1/comments/{elsewhere.id}", None),
    ]
    answers = [client.open(path, method=method, json=body, headers=ours) for method, path, body in asked]
    assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [
        (401, "sign_in_required") for _ in asked
    ]


def test_the_token_of_a_page_is_asked_of_every_route(
    app: Flask, browser: OpenBrowser, database: Database, site: Site, comment: Comment
) -> None:
    """Of an administrator: what is not for a page is refused, whatever the account may do elsewhere."""
    with database.transaction() as session:
        staff = factories.staff(session, ADMINISTRATOR)
    headers, wrong = token_of(browser(staff)), []
    for declared in ENDPOINTS:
        values = {"story": "tide", "site": site.key, "comment": str(comment.id)}
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values.get(part[1], str(comment.id)), declared.path)  # noqa: B023
        accept = "application/json" if declared.audience is Audience.API else "text/html"
        answer = app.test_client().open(path, method=declared.method, headers={**headers, "Accept": accept})
        found = re.search(r'(?:data-problem="|"code":")(\w+)"', answer.text)
        refused = answer.status_code == 403 and found is not None and found[1] == "scope"
        if refused == (declared.shared or declared.action in EMBEDDED):
            wrong.append((declared.method, declared.path, answer.status_code))
    assert not wrong


def test_every_route_for_embeds_says_of_which_site_it_is() -> None:
    for declared in ENDPOINTS:
        if declared.audience is Audience.API and declared.action in EMBEDDED and not declared.shared:
            asks = getattr(declared.asks, "__struct_fields__", ())
            of_none = declared.for_embeds or declared.path == "/api/v1/openapi.json"
            assert "site" in asks or "<comment>" in declared.path or of_none, declared.path


@pytest.mark.parametrize("role", [MODERATOR, ADMINISTRATOR])
def test_a_page_sees_no_staff_in_its_reader(
    browser: OpenBrowser, client: FlaskClient, database: Database, site: Site, comment: Comment, role: str
) -> None:
    with database.transaction() as session:
        staff = factories.staff(session, role)
    reading = browser(staff)
    assert ask(reading).get_json()["me"]["roles"] == []
    me = client.get("/api/v1/me", headers=token_of(reading)).get_json()
    assert (me["roles"], me["may_write"], me["code"]) == ([], True, "staff")


def test_a_page_cannot_take_its_readers_password(browser: OpenBrowser, client: FlaskClient, reader: Account) -> None:
    body = {"password": factories.PASSWORD, "new_password": "another-long-password"}
    answer = client.put("/api/v1/me/password", json=body, headers=token_of(browser(reader)))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope")


class Ends:
    """What ends a page's token at the next call."""

    @staticmethod
    def signing_out(reading: Browser, _session: Any, _reader: Account) -> None:
        reading.post("/sign-out")

    @staticmethod
    def ending_all_sessions(reading: Browser, _session: Any, _reader: Account) -> None:
        reading.post("/account/sessions")


@pytest.mark.parametrize("end", [Ends.signing_out, Ends.ending_all_sessions], ids=["signing out", "all sessions"])
def test_it_ends_with_the_session(
    browser: OpenBrowser, client: FlaskClient, database: Database, reader: Account, comment: Comment, end: Any
) -> None:
    reading = browser(reader)
    headers = token_of(reading)
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    end(reading, database, reader)
    assert client.get("/api/v1/me", headers=headers).status_code == 401
    assert ask(reading).get_json()["token"] is None


def test_it_ends_with_a_ban_and_a_new_password(
    browser: OpenBrowser, client: FlaskClient, database: Database, house: HouseRules, comment: Comment
) -> None:
    with database.transaction() as session:
        banned, renewed = (
            factories.account(session, password=factories.PASSWORD, email=f"{name}@example.org")
            for name in ("ban", "new")
        )
    of_banned, of_renewed, changing = token_of(browser(banned)), token_of(browser(renewed)), browser(renewed)
    with database.transaction() as session:
        written = factories.comment(session, session.get_one(Story, comment.story_id), banned)
        item = moderating.ask(session, house, written)
        intent = Intent(item.id, item.revision, "ban", "threat", "A threat.")
        decisions.decide(session, house, moderating.moderator(session), intent)
    form = {"password": factories.PASSWORD, "new_password": "quite-another-password-9"}
    assert changing.post("/account/password", form).status_code == 303
    assert [client.get("/api/v1/me", headers=each).status_code for each in (of_banned, of_renewed)] == [401, 401]


def test_a_page_asks_anew_with_its_token_for_as_long_as_the_session_lasts(
    browser: OpenBrowser, client: FlaskClient, reader: Account, comment: Comment
) -> None:
    """As a page elsewhere does, which no cookie is sent from; and only at its own newspaper."""
    reading = browser(reader)
    headers = {**PAGE, "Sec-Fetch-Site": "cross-site", "Authorization": f"Bearer {token_by_window(reading)}"}
    now = clock.now()
    with time_machine.travel(now + timedelta(minutes=9)):
        renewed = client.post(PATH, json={"story": "tide"}, headers=headers).get_json()
    with time_machine.travel(now + timedelta(minutes=12)):
        again = headers | {"Authorization": f"Bearer {renewed['token']}"}
        assert client.get("/api/v1/me", headers=again).status_code == 200
        assert client.post(PATH, json={"story": "tide"}, headers=headers).get_json()["token"] is None
        reading.post("/sign-out")
        assert client.post(PATH, json={"story": "tide"}, headers=again).get_json()["token"] is None


def test_a_token_by_cookie_begets_none_that_is_good_for_longer(
    browser: OpenBrowser, client: FlaskClient, reader: Account, comment: Comment
) -> None:
    """A script that took it from the page would have the reader's tokens for a month, wherever it runs."""
    headers = PAGE | token_of(browser(reader))
    now = clock.now()
    with time_machine.travel(now + timedelta(minutes=9)):
        renewed = client.post(PATH, json={"story": "tide"}, headers=headers).get_json()["token"]
    with time_machine.travel(now + timedelta(minutes=10, seconds=2)):
        again = {"Authorization": f"Bearer {renewed}"}
        assert client.get("/api/v1/me", headers=again).status_code == 401


def test_no_token_outlives_the_longest_session(
    settings: Settings, browser: OpenBrowser, reader: Account, site: Site
) -> None:
    claims = bearer_tokens.read(settings, token_by_window(browser(reader)))
    assert claims is not None
    end = datetime.fromtimestamp(claims.until, UTC)
    assert abs(end - clock.now() - ABSOLUTE_LIMIT) < timedelta(minutes=1)
    embedded = Identity(reader.id).embedded(site.id, claims.session_id, claims.until)
    with time_machine.travel(end - timedelta(seconds=50)):
        last = bearer_tokens.issue_to_embed(settings, embedded)
    with time_machine.travel(end - timedelta(seconds=2)):
        assert bearer_tokens.read(settings, last) is not None
    with time_machine.travel(end + timedelta(seconds=2)):
        assert bearer_tokens.read(settings, last) is None


def test_it_is_good_for_ten_minutes(browser: OpenBrowser, client: FlaskClient, reader: Account) -> None:
    headers = token_of(browser(reader))
    now = clock.now()
    with time_machine.travel(now + timedelta(minutes=9, seconds=50)):
        assert client.get("/api/v1/me", headers=headers).status_code == 200
    with time_machine.travel(now + timedelta(minutes=10, seconds=2)):
        assert client.get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("no_window_ends")
def test_who_asks_without_end_is_counted_by_account(browser: OpenBrowser, reader: Account) -> None:
    reading = browser(reader)
    answers = [ask(reading).status_code for _ in range(700)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_a_token_of_the_reader_themselves_is_no_pages(settings: Settings, reader: Account, site: Site) -> None:
    caller = Identity(reader.id, epoch=reader.session_epoch)
    own = bearer_tokens.read(settings, bearer_tokens.issue(settings, caller))
    until = int(clock.now().timestamp()) + 3600
    embedded = caller.embedded(site.id, "session", until)
    pages = bearer_tokens.read(settings, bearer_tokens.issue_to_embed(settings, embedded))
    assert own is not None
    assert pages is not None
    assert (own.site_id, own.session_id) == (0, "")
    assert (pages.site_id, pages.session_id, pages.until) == (site.id, "session", until)


@pytest.mark.parametrize("by", ["page", "window"])
def test_a_token_of_an_hour_is_not_exchanged_for_one_that_goes_on(
    settings: Settings, browser: OpenBrowser, database: Database, reader: Account, by: str
) -> None:
    """Whoever took it has a session of their own, which would keep the reader's next tokens alive for a month."""
    with database.transaction() as session:
        thief = browser(factories.subscriber(session))
    taken = bearer_of(settings, reader)
    if by == "page":
        assert ask(thief, {**PAGE, **taken}).get_json()["token"] is None
    else:
        opened = {"origin": ORIGIN, "nonce": "n" * 24, "story": "tide"}
        answer = thief.client.post("/embed/window/continue", data=opened, headers=taken)
        assert "data-told" not in answer.text


def test_what_a_page_may_do_is_in_the_table() -> None:
    assert permissions.PERMISSIONS.keys() >= EMBEDDED
