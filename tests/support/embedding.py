"""A newspaper that has put our element on its articles: on a sub-domain's sister, and on a foreign site."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright
from sqlalchemy import select

from app import clock
from app.billing import grants
from app.models import Account, Site
from app.models.role import EDITOR
from tests.support import factories, tls
from tests.support.chromium import launched, opened
from tests.support.newspaper import Newspaper, running
from tests.support.processes import free_port
from tests.support.tls import Names

COMMENTS, WWW, OTHER, EVIL = "comments.paper.test", "www.paper.test", "other.test", "evil.test"
# nothing inline, nothing from anywhere but us, and nobody parses a string as HTML
STRICT = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src https://{COMMENTS}; connect-src https://{COMMENTS}; style-src 'self'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}
# as we ask papers to have it, so that what stands below does not move when the comments come
STYLE = "btl-comments { display: block; min-height: 100vh }"
ARTICLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="canonical" href="{url}">
<link rel="stylesheet" href="/paper.css"></head>
<body><main><h1>{title}</h1>{paragraphs}<p>So much for the story.</p>
<script async src="https://{comments}/embed.js{asks}"></script>
<btl-comments story="{key}"{attributes}></btl-comments></main><footer>The end of the page</footer></body></html>"""


@dataclass(frozen=True)
class Embedding:
    """The installation, the names that lead to it and to the paper's pages, and a browser that knows them."""

    newspaper: Newspaper
    names: Names
    browser: Browser

    def article(
        self, host: str = WWW, *, paragraphs: int = 0, attributes: str = "", title: str = "A story", language: str = ""
    ) -> str:
        """Publish an article with a key of its own, whose script asks for a language; return its address."""
        key = f"story-{secrets.token_hex(4)}"
        url = f"https://{host}/{key}"
        html = ARTICLE.format(
            key=key,
            url=url,
            title=escape(title),
            comments=COMMENTS,
            asks=f"?lang={language}" if language else "",
            attributes=attributes,
            paragraphs="<p>Words of the story.</p>" * paragraphs,
        )
        self.names.pages[host, "/paper.css"] = tls.Page(STYLE, {"Content-Type": "text/css"})
        self.names.pages[host, f"/{key}"] = tls.Page(html, STRICT)
        return url

    def open(self, **options: object) -> Page:
        """A browser of somebody's own, with a page in it. What its console calls an error fails the test that asks."""
        return opened(self.browser, **options)


@contextmanager
def embedded(folder: Path, playwright: Playwright) -> Iterator[Embedding]:
    """All of it, until the block ends."""
    port = free_port()
    with tls.serving(folder, [COMMENTS, WWW, OTHER, EVIL]) as names, launched(playwright, names.arguments) as browser:
        names.servers[COMMENTS] = port
        origins = [f"https://{WWW}", f"https://{OTHER}"]
        with running(folder, port, f"https://{COMMENTS}", origins, BTL_PROXIES="1") as found:
            yield Embedding(found, names, browser)


def key_of(url: str) -> str:
    """The key of the story of an article."""
    return url.rpartition("/")[2]


def subscriber(embedding: Embedding) -> Account:
    """Somebody who may write: by a grant, since Stripe would be asked about a subscription."""
    account, editor = embedding.newspaper.member(), embedding.newspaper.member(EDITOR)
    with embedding.newspaper.database.transaction() as session:
        site_id = session.scalars(select(Site.id)).one()
        grants.give(session, editor.id, account.id, site_id, "A guest.", clock.now() + timedelta(days=3))
    return account


def sign_in(page: Page, account: Account) -> None:
    """Sign in on our own pages, with the password of the tests."""
    page.goto(f"https://{COMMENTS}/sign-in")
    page.get_by_label("E-mail").fill(str(account.email))
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"https://{COMMENTS}/")
