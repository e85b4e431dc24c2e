"""/sso: signing in on our own pages by the paper's word, after one has been asked."""

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Site
from app.models.role import MODERATOR
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support import factories, sso
from tests.support.callers import Browser, OpenBrowser

LOG_IN = "https://www.paper.example/login?from=comments"


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        made = factories.site(session, "gazette")
        made.policy = {"sso": {"log_in": LOG_IN}}
        return made


def arrive(browser: Browser, token: str, **more: str) -> Any:
    """What a form on a page of the paper does: it has no secret of ours."""
    foreign = {"Origin": "https://www.paper.example", "Sec-Fetch-Site": "cross-site"}
    return browser.client.post("/sso", data={"token": token, **more}, headers=foreign)


def go_on(browser: Browser, token: str, following: str = "/account", **options: Any) -> Any:
    return browser.post("/sso/continue", {"token": token, "next": following}, **options)


def signed_in_as(browser: Browser) -> str | None:
    found = re.search(r"<dt>Display name</dt><dd>([^<]+)", browser.get("/account").text)
    return found[1] if found else None


def test_who_comes_from_the_paper_is_asked_and_signed_in(browser: OpenBrowser, settings: Settings, site: Site) -> None:
    reader, token = browser(None), sso.page_token(settings, "gazette", name="Ada Lovelace")
    arrived = arrive(reader, token, next="/account")
    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/sso/continue?next=%2Faccount")
    assert signed_in_as(reader) is None
    asked = reader.get(arrived.headers["Location"])
    assert "Continue as Ada Lovelace" in asked.text
    assert "You come from Gazette" in asked.text
    done = go_on(reader, token)
    assert (done.status_code, done.headers["Location"]) == (303, "/account")
    assert signed_in_as(reader) == "Ada Lovelace"
    assert reader.client.get_cookie("btl-sso") is None


def test_the_token_is_in_no_address_and_no_script_can_read_it(
    browser: OpenBrowser, settings: Settings, site: Site
) -> None:
    token = sso.page_token(settings, "gazette")
    arrived = arrive(browser(None), token)
    assert token not in arrived.headers["Location"]
    cookie = arrived.headers["Set-Cookie"]
    assert token in cookie
    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie, "Max-Age=600" in cookie) == (True, True, True)


def test_what_a_page_of_the_paper_holds_is_no_way_into_the_account(
    browser: OpenBrowser, client: FlaskClient, settings: Settings, site: Site
) -> None:
    """Any script on an article could take it; and what is for our pages is no good there either."""
    reader, of_article = browser(None), sso.token(settings, "gazette")
    refused = go_on(reader, of_article)
    assert (refused.status_code, 'data-problem="sso_audience"' in refused.text) == (422, True)
    assert signed_in_as(reader) is None
    assert sso.exchange(client, of_article).status_code == 200
    answer = sso.exchange(client, sso.page_token(settings, "gazette"))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "sso_audience")


def test_a_page_elsewhere_signs_nobody_in_and_nobody_out(
    browser: OpenBrowser, settings: Settings, database: Database, site: Site
) -> None:
    """With a token of theirs they would have somebody write, and pay, under their name."""
    with database.transaction() as session:
        reader = browser(factories.account(session, "Ada"))
    token = sso.page_token(settings, "gazette", name="Mallory")
    arrive(reader, token)
    assert signed_in_as(reader) == "Ada"
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    refused = reader.client.post("/sso/continue", data={"token": token}, headers=foreign)
    assert (refused.status_code, signed_in_as(reader)) == (403, "Ada")
    without_secret = reader.client.post("/sso/continue", data={"token": token})
    assert (without_secret.status_code, signed_in_as(reader)) == (403, "Ada")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a b", ""]
)
def test_nobody_is_led_away_from_us(browser: OpenBrowser, settings: Settings, site: Site, elsewhere: str) -> None:
    reader, token = browser(None), sso.page_token(settings, "gazette")
    assert arrive(reader, token, next=elsewhere).headers["Location"] == "/sso/continue?next=%2F"
    assert go_on(reader, token, elsewhere).headers["Location"] == "/"


def test_a_click_too_many_does_no_harm_and_a_stolen_token_no_good(
    browser: OpenBrowser, settings: Settings, site: Site
) -> None:
    reader, thief = browser(None), browser(None)
    token = sso.page_token(settings, "gazette", name="Ada")
    form = {"token": token, "csrf_token": reader.csrf()}
    with reader.client.session_transaction() as before:
        held = dict(before)
    assert reader.client.post("/sso/continue", data=form).status_code == 303
    with reader.client.session_transaction() as after:
        first = after["session_id"]
        after.clear()
        after.update(held)  # the second click was on its way already
    assert reader.client.post("/sso/continue", data=form).status_code == 303
    with reader.client.session_transaction() as after:
        assert after["session_id"] == first
    refused = go_on(thief, token)
    assert (refused.status_code, 'data-problem="sso_used"' in refused.text) == (422, True)
    assert signed_in_as(thief) is None


def test_what_cannot_be_read_is_said_on_the_page(browser: OpenBrowser, settings: Settings, site: Site) -> None:
    for wrong in ("", "nothing", "a.b.c", "x" * 9000, "ä.ö.ü", sso.page_token(settings, "gazette") + "\n"):
        reader = browser(None)
        arrived = arrive(reader, wrong)
        assert arrived.status_code == 303
        answer = reader.get(arrived.headers["Location"])
        assert (answer.status_code, 'data-problem="sso_invalid"' in answer.text) == (422, True)
        assert "Continue" not in answer.text


def test_a_name_is_only_text(browser: OpenBrowser, settings: Settings, site: Site) -> None:
    reader = browser(None)
    arrive(reader, sso.page_token(settings, "gazette", name='"><script>alert(1)</script>'))
    assert "<script>alert" not in reader.get("/sso/continue").text


def test_a_name_that_was_taken_is_to_be_chosen_anew(
    browser: OpenBrowser, settings: Settings, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        factories.account(session, "Ada")
    reader = browser(None)
    go_on(reader, sso.page_token(settings, "gazette", name="Ada"))
    page = reader.get("/account").text
    assert "You can choose one in your account" in page
    assert (signed_in_as(reader) or "").startswith("Reader ")


def test_such_a_session_is_never_staff(
    browser: OpenBrowser, settings: Settings, database: Database, site: Site
) -> None:
    reader = browser(None)
    go_on(reader, sso.page_token(settings, "gazette"))
    with database.transaction() as session:
        account = session.scalars(select(Account)).one()
        factories.give_role(session, account, MODERATOR)
    assert reader.get("/queue").status_code == 404
    refused = go_on(browser(None), sso.page_token(settings, "gazette"))
    assert (refused.status_code, 'data-problem="staff"' in refused.text) == (403, True)


def test_signing_out_ends_it_for_good(browser: OpenBrowser, settings: Settings, site: Site) -> None:
    reader, token = browser(None), sso.page_token(settings, "gazette", name="Ada")
    go_on(reader, token)
    with reader.client.session_transaction() as held:
        cookie = dict(held)
    assert reader.post("/sign-out").status_code == 303
    with reader.client.session_transaction() as again:
        again.update(cookie)
    assert signed_in_as(reader) is None


def test_buttons_lead_to_the_papers_own_log_in_and_back(browser: OpenBrowser, site: Site) -> None:
    page = browser(None).get("/sign-in", query_string={"next": "/stories/1?sort=oldest"}).text
    assert f'href="{LOG_IN}&amp;next=%2Fstories%2F1%3Fsort%3Doldest"' in page
    assert "Sign in at Gazette" in page
    opened = {"origin": sso.ORIGIN, "nonce": "n" * 24, "story": "tide"}
    window = browser(None).get("/embed/window", query_string=opened).text
    assert f'href="{LOG_IN}&amp;next=%2Fembed%2Fwindow%3Forigin%3Dhttps' in window


def test_on_the_way_back_to_the_window_its_opener_stays(browser: OpenBrowser, settings: Settings, site: Site) -> None:
    reader, token = browser(None), sso.page_token(settings, "gazette")
    following = f"/embed/window?origin=https%3A%2F%2Fpaper.example&nonce={'n' * 24}&story=tide"
    arrived = arrive(reader, token, next=following)
    answers = [arrived, reader.get(arrived.headers["Location"]), go_on(reader, token, following)]
    assert [answer.headers["Cross-Origin-Opener-Policy"] for answer in answers] == ["unsafe-none"] * 3
    assert "Continue as Reader" in reader.get(following).text
    other = arrive(browser(None), token)
    assert other.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_paper_without_such_a_log_in_shows_no_button(browser: OpenBrowser, database: Database, site: Site) -> None:
    with database.transaction() as session:
        session.get_one(Site, site.id).policy = {}
    assert "Sign in at" not in browser(None).get("/sign-in").text


def test_nothing_is_written_before_one_has_said_yes(
    browser: OpenBrowser, settings: Settings, database: Database, site: Site
) -> None:
    reader = browser(None)
    arrive(reader, sso.page_token(settings, "gazette"))
    reader.get("/sso/continue")
    with database.reading() as session:
        assert session.scalar(select(func.count(Account.id))) == 0


def test_over_tls_no_other_host_can_set_the_cookie(app: Flask, settings: Settings, site: Site) -> None:
    services = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(services, settings=replace(settings, public_url="https://comments.example"))
    client: FlaskClient = app.test_client()
    cookie = client.post("/sso", data={"token": "a.b.c"}).headers["Set-Cookie"]
    assert cookie.startswith("__Host-btl-sso=")
    assert ("Secure" in cookie, "Path=/" in cookie, "Domain" in cookie) == (True, True, False)
