"""Who is calling: a session cookie or a Bearer token becomes an Identity, once per request.

A cookie is the browser's to send, whoever wrote the page; so an unsafe request by cookie must also carry the CSRF
token (form field or X-CSRFToken header). A Bearer token is only ever sent on purpose and needs none.
"""

from typing import Any

from flask import Flask, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.accounts import identity
from app.accounts.identity import ANONYMOUS, Identity
from app.errors import Forbidden
from app.language import mark
from app.sign_in import bearer_tokens
from app.web import endpoint
from app.web.endpoint import Audience
from app.web.services import services

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
csrf = CSRFProtect()


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login keeps in the cookie: the account and its session epoch, so that raising it ends the session."""

    def __init__(self, caller: Identity) -> None:
        self.caller = caller

    def get_id(self) -> str:
        return f"{self.caller.account_id}:{self.caller.epoch}"


class Sessions(SecureCookieSessionInterface):
    """Flask's cookie, but never on an answer that everyone shares: a cache would hand it to others."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not _is_shared():
            super().save_session(app, session, response)


def install(app: Flask) -> None:
    """Let `app` recognise its callers and protect them from forged requests."""
    app.session_interface = Sessions()
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(_protect)


def caller() -> Identity:
    """The identity behind this request; ANONYMOUS if it has no valid credentials, or if its answer is shared by all."""
    if _is_shared():
        return ANONYMOUS
    if "caller" not in g:
        g.caller = _from_token() if "Authorization" in request.headers else _from_cookie()
    found: Identity = g.caller
    return found


def leave_unknown() -> None:
    """Answer nobody in particular, unless it is known already who calls: there is no way to find out now."""
    g.setdefault("caller", ANONYMOUS)


def sign_in(who: Identity) -> None:
    """Start a session for `who` in this browser."""
    login_user(SignedIn(who))
    g.caller = who


def sign_out() -> None:
    """End this browser's session."""
    logout_user()
    g.caller = ANONYMOUS


def remember(address: str) -> None:
    """Keep the page of ours that a reader came from, over the letters and payments that lie before writing on it."""
    session["back"] = address


def way_back(otherwise: str) -> str:
    """The page that was remembered in this browser, or `otherwise`."""
    address: str = session.get("back", otherwise)
    return address


def _load(cookie: str) -> SignedIn | None:
    account_id, _, epoch = cookie.partition(":")
    if not (account_id.isdecimal() and epoch.isdecimal()):
        return None
    with services().database.reading() as session:
        found = identity.load(session, int(account_id), int(epoch))
    return None if found is ANONYMOUS else SignedIn(found)


def _from_cookie() -> Identity:
    user: Any = current_user
    return user.caller if user.is_authenticated else ANONYMOUS


def _from_token() -> Identity:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    claims = bearer_tokens.read(services().settings, token) if scheme.lower() == "bearer" else None
    if claims is None:
        return ANONYMOUS
    with services().database.reading() as session:
        return identity.load(session, claims.account_id, claims.epoch)


def _protect() -> None:
    """Refuse an unsafe request that a foreign page could have made the browser send."""
    if request.method in SAFE or _has_bearer():
        return
    declared = endpoint.current()
    if declared is None or not declared.csrf:
        return  # nothing will be done (404 or 405), or nothing is believed that a browser sends by itself
    if declared.audience is Audience.API and caller() is ANONYMOUS:
        return  # no cookie was believed, so there is nothing to forge
    try:
        csrf.protect()
    except CSRFError as error:
        sentence = mark("This page has been open for too long. Please reload it and try again.")
        raise Forbidden("csrf", sentence) from error


def _has_bearer() -> bool:
    """Whether the request brings a token: unlike other credentials, browsers never send one by themselves."""
    return request.headers.get("Authorization", "")[:7].lower() == "bearer "


def _is_shared() -> bool:
    declared = endpoint.current()
    return declared is not None and declared.shared
