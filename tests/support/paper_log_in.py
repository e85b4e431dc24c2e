"""A newspaper that has a log-in of its own, and says to us who its readers are and until when they may write."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import unquote

import requests
from playwright.sync_api import Page
from sqlalchemy import select

from app import clock
from app.models import Site
from app.sign_in.paper_tokens import audience
from tests.support import sso, tls
from tests.support.embedding import COMMENTS, WWW, Embedding
from tests.support.stripe_world import eventually

PAPER = "gazette"
LOG_IN = f"https://{WWW}/login"
POLICY = {"sso": {"log_in": LOG_IN}, "entitlement": {"paper_entitles": True}}
# the paper's own page, once its reader has signed in there
WAY_BACK = """<!doctype html><html lang="en"><title>Log in</title><h1>The Gazette</h1>
<form method="post" action="https://{comments}/sso"><input type="hidden" name="token" value="{token}">
<input type="hidden" name="next" value="{next}"><button>Log in at the Gazette</button></form></html>"""


@contextmanager
def signing_in(embedding: Embedding) -> Iterator[None]:
    """The newspaper has it until the block ends."""
    _agree(embedding, POLICY)
    try:
        yield
    finally:
        _agree(embedding, {})


def _agree(embedding: Embedding, policy: dict[str, Any]) -> None:
    """What holds at the newspaper from now on, in its processes too."""
    with embedding.newspaper.database.transaction() as session:
        session.scalars(select(Site)).one().policy = policy
    here = f"http://127.0.0.1:{embedding.names.servers[COMMENTS]}/sign-in"
    html = {"Accept": "text/html"}
    eventually(lambda: (LOG_IN in requests.get(here, headers=html, timeout=5).text) is bool(policy))


def token(embedding: Embedding, subject: str, **said: Any) -> str:
    """What the Gazette says of somebody, and unless it `said` otherwise that they subscribe to it."""
    until = int((clock.now() + timedelta(days=9)).timestamp())
    said = {"name": f"{subject.title()} Lovelace", "entitled_until": until, **said}
    return sso.token(embedding.newspaper.settings, PAPER, sub=subject, **said)


def way_back(embedding: Embedding, subject: str, following: str, **said: Any) -> None:
    """Have the paper's log-in lead back to us with a token for that reader."""
    given = token(embedding, subject, aud=audience(embedding.newspaper.settings, PAPER, for_account=True), **said)
    html = WAY_BACK.format(comments=COMMENTS, token=given, next=escape(following))
    embedding.names.pages[WWW, "/login"] = tls.Page(html, {})


def log_in(page: Page, embedding: Embedding, subject: str, **said: Any) -> None:
    """From a page of ours to the paper's log-in and back, as this reader."""
    link = page.get_by_role("link", name="Sign in at Gazette")
    following = unquote(str(link.get_attribute("href")).partition("next=")[2])
    way_back(embedding, subject, following, **said)
    link.click()
    page.get_by_role("button", name="Log in at the Gazette").click()
    page.get_by_role("button", name="Continue as").click()
