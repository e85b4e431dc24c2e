"""Forms in a browser that tells no page where it comes from, over TLS and behind a proxy that calls us otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.db import Database
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.chromium import opened
from tests.support.loopback import Loopback, serving
from tests.support.newspaper import sign_in

pytestmark = pytest.mark.browser
EMAIL = "ada@example.org"


@pytest.fixture
def front(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Loopback]:
    """A proxy that ends TLS, renames the host, and has browsers send no Referer."""
    with serving(tls=tmp_path) as proxy:
        secure = replace(settings, public_url=proxy.url, proxies=1)
        inside = application(assembled(secure, house, database), "behind a proxy")

        def forward(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            environ |= {"HTTP_HOST": "inside.example", "wsgi.url_scheme": "http", "HTTP_X_FORWARDED_PROTO": "https"}

            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                kept = [(name, value) for name, value in headers if name != "Referrer-Policy"]
                return start_response(status, [*kept, ("Referrer-Policy", "no-referrer")], *rest)

            return inside(environ, start)

        proxy.application = forward
        yield proxy


@pytest.fixture
def page(chromium: Browser, front: Loopback, database: Database) -> Iterator[Page]:
    with database.transaction() as session:
        factories.account(session, "Ada", email=EMAIL, password=factories.PASSWORD)
    page = opened(chromium, base_url=front.url, java_script_enabled=False, ignore_https_errors=True)
    yield page
    page.context.close()


def test_whoever_sends_no_referer_signs_in_and_out(page: Page) -> None:
    sent: list[dict[str, str]] = []
    page.on("request", lambda request: sent.append(request.all_headers()) if request.method == "POST" else None)
    sign_in(page, EMAIL)
    expect(page.get_by_role("link", name="Ada")).to_be_visible()
    (cookie,) = page.context.cookies()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert [(each.get("origin"), each.get("referer")) for each in sent] == [("null", None)] * 2
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"]) == ("__Host-btl", True, True)


def test_a_page_of_another_origin_signs_nobody_out(page: Page, front: Loopback) -> None:
    sign_in(page, EMAIL)
    form = f'<form method="post" action="{front.url}/sign-out"><button>A kitten</button></form>'

    def kitten(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [form.encode()]

    with serving(kitten) as elsewhere:
        page.goto(elsewhere.url)
        page.get_by_role("button", name="A kitten").click()
        expect(page.get_by_text(f"go to {front.url}")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
