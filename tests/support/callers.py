"""Callers: programs with a Bearer token, people with a browser."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.accounts.identity import Identity
from app.models import Account
from app.sign_in import bearer_tokens
from config.settings import Settings

Headers = dict[str, str]
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Keeps cookies, and sends with each form the CSRF token that a page gave it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def sign_in(self, account: Account) -> None:
        """Hold the cookie of a session of `account`, as signing in would have left it."""
        with self.client.session_transaction() as session:
            session.update(cookie_of(account))

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, headers={"Accept": "text/html"}, **options)

    def post(self, path: str, form: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Post a form with the CSRF token of this browser's session."""
        data = {"csrf_token": self.csrf(), **(form or {})}
        return self.client.post(path, data=data, headers={"Accept": "text/html"}, **options)

    def csrf(self) -> str:
        """A token that belongs to this browser's session."""
        # whoever is signed in has a sign-out form on every page, everyone else a form to sign in
        found = _CSRF.search(self.get("/rules").text) or _CSRF.search(self.get("/sign-in").text)
        assert found, "no form to take a token from"
        return found[1]


def cookie_of(account: Account) -> dict[str, object]:
    """What the cookie of a session of `account` holds that has just begun."""
    now = int(clock.now().timestamp())
    signed_in = f"{account.id}:{account.session_epoch}"
    return {"_user_id": signed_in, "session_id": secrets.token_urlsafe(16), "began": now, "seen": now}


Bearer = Callable[[Account], Headers]
OpenBrowser = Callable[[Account | None], Browser]


def bearer_of(settings: Settings, account: Account) -> Headers:
    """Request headers with which a program acts for an account."""
    caller = Identity(account.id, account.name, account.session_epoch)
    return {"Authorization": f"Bearer {bearer_tokens.issue(settings, caller)}"}
