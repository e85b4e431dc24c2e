"""Who is calling: a session cookie or a Bearer token becomes an Identity, once per request.

A cookie is the browser's to send, whoever wrote the page; so an unsafe request by cookie must also carry the CSRF
token (form field or X-CSRFToken header), and come from no other origin as far as the browser says from which. A Bearer
token is only ever sent on purpose and needs none.
"""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect

from app import addresses, clock, ids
from app.accounts import identity
from app.accounts.identity import ABSOLUTE_LIMIT, ANONYMOUS, IDLE_LIMIT, Identity
from app.errors import Forbidden
from app.language import mark
from app.sign_in import bearer_tokens, server_keys
from app.web import endpoint
from app.web.endpoint import Audience
from app.web.services import services
from config.settings import Settings

STALE = mark(
    "We cannot tell that this form came from our page: it was open while you signed in or out, or the browser keeps no "
    "cookies of %(address)s. Please allow them, reload the page and send it again."
)
FOREIGN = mark(
    "Your browser says that this came from a page of another address. Please go to %(address)s and do it there."
)
AGAIN = mark("Please sign out and in again first, so that we know that it is you.")
LATELY = timedelta(minutes=10)
# how often the cookie of a session that is in use is written anew
SEEN_EVERY = timedelta(hours=1)
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
    # the last one signs, and each of them is good: a form may have been open when the key was exchanged
    app.config["WTF_CSRF_SECRET_KEY"] = [*reversed(app.config["SECRET_KEY_FALLBACKS"]), app.config["SECRET_KEY"]]
    app.config["WTF_CSRF_SSL_STRICT"] = False  # asks for a Referer of the host that a proxy names; see _may_be_from
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


def sign_in(who: Identity, session_id: str = "") -> None:
    """Start a session for `who` in this browser, with which nothing of what it had before is shared.

    `session_id`: by which it is known, where somebody else vouches for them; it makes nobody staff.
    """
    back = way_back("")
    sign_out()
    now = _seconds()
    login_user(SignedIn(who))
    session.update(session_id=session_id or secrets.token_urlsafe(16), began=now, seen=now)
    if session_id:
        session["vouched_for"] = True
    if back:
        remember(back)
    g.caller = who


def sign_out() -> None:
    """Let this browser forget its session, with the CSRF token of its forms."""
    logout_user()
    session.clear()
    g.pop("csrf_token", None)
    g.caller = ANONYMOUS


def session_id() -> str:
    """What this browser's session is known by, to end it for good (identity.end); empty without one."""
    known = session.get("session_id")
    return known if isinstance(known, str) and known.isascii() and known.isprintable() else ""


def require_lately() -> None:
    """Raise Forbidden (403, "sign_in_again") unless who has no password has signed in within the last ten minutes: for
    what others are asked their password for.
    """
    if not ("vouched_for" in session and _is_within(LATELY, session.get("began"))):
        raise Forbidden("sign_in_again", AGAIN)


def session_end() -> int:
    """When this browser's session is over at the latest, in seconds since 1970; 0 without one."""
    began = session.get("began")
    return began + int(ABSOLUTE_LIMIT.total_seconds()) if isinstance(began, int) else 0


def for_page(site_id: int, longest: timedelta = ABSOLUTE_LIMIT) -> Identity:
    """The caller as a page of that newspaper may ask for them, in the session of this browser's cookie; else ANONYMOUS.

    `longest`: for how long the page may go on by its tokens alone, without the cookie.
    A token of their own is good for an hour and of no session: it is not to be exchanged for what goes on with one.
    """
    if "Authorization" in request.headers:
        return ANONYMOUS
    until = min(session_end(), _seconds() + int(longest.total_seconds()))
    return caller().embedded(site_id, session_id(), until)


def cookie_name(settings: Settings) -> str:
    """Over https one that no other host and no unencrypted page of ours can set."""
    return "__Host-btl" if settings.secure else "btl"


def network() -> str:
    """Where this request comes from, as one caller is counted."""
    return addresses.whose(request.remote_addr or "")


def form_secret() -> str:
    """A secret of this browser's session, which its forms share; empty where none has been shown."""
    known = session.get("csrf_token")
    return known if isinstance(known, str) else ""


def remember(address: str) -> None:
    """Keep the page of ours that a reader came from, over the letters and payments that lie before writing on it."""
    session["back"] = address


def way_back(otherwise: str) -> str:
    """The page that was remembered in this browser, or `otherwise`."""
    address: str = session.get("back", otherwise)
    return address


def await_letter(email: str) -> None:
    """Keep the address that somebody has signed up with in this browser, to say where the letter went."""
    session["letter_to"] = email


def awaited_at() -> str:
    """The address that was signed up with in this browser, where a letter is waited for; empty without one."""
    address: str = session.get("letter_to", "")
    return address


def _load(cookie: str) -> SignedIn | None:
    account_id, epoch = map(ids.parse, str(cookie).partition(":")[::2])
    if account_id is None or epoch is None or not (session_id() and _is_in_time()):
        return None
    with services().database.reading() as database:
        found = identity.load(database, account_id, epoch, session_id())
    if found is ANONYMOUS:
        return None
    if _seconds() - session["seen"] >= SEEN_EVERY.total_seconds():
        session["seen"] = _seconds()
    return SignedIn(replace(found, roles={}) if session.get("vouched_for") else found)


def _is_in_time() -> bool:
    """Whether the session of this browser has neither been unused for too long nor lasted too long."""
    return _is_within(IDLE_LIMIT, session.get("seen")) and _is_within(ABSOLUTE_LIMIT, session.get("began"))


def _is_within(limit: timedelta, moment: object) -> bool:
    """Whether a moment in seconds since 1970 lies within the limit of now; nothing else does."""
    return isinstance(moment, int) and abs(_seconds() - moment) < limit.total_seconds()


def _seconds() -> int:
    return int(clock.now().timestamp())


def _from_cookie() -> Identity:
    user: Any = current_user
    return user.caller if user.is_authenticated else ANONYMOUS


def _from_token() -> Identity:
    scheme, _, token = request.headers["Authorization"].partition(" ")
    if scheme.lower() == "bearer" and token.startswith(server_keys.PREFIX):
        return _from_key(token)
    claims = bearer_tokens.read(services().settings, token) if scheme.lower() == "bearer" else None
    if claims is None:
        return ANONYMOUS
    with services().database.reading() as database:
        found = identity.load(database, claims.account_id, claims.epoch, claims.session_id)
    return found.embedded(claims.site_id, claims.session_id, claims.until) if claims.site_id else found


def _from_key(secret: str) -> Identity:
    found = server_keys.find(services().database, services().settings, secret)
    if found is None:
        return ANONYMOUS
    return Identity(0, found.name, key_id=found.id, key_site=found.site_id, scopes=frozenset(found.scopes))


def _protect() -> None:
    """Refuse an unsafe request that a foreign page could have made the browser send."""
    if request.method in SAFE or _has_bearer():
        return
    declared = endpoint.current()
    if declared is None or not declared.csrf:
        return  # nothing will be done (404 or 405), or nothing is believed that a browser sends by itself
    if declared.audience is Audience.API and caller() is ANONYMOUS:
        return  # no cookie was believed, so there is nothing to forge
    address = services().settings.public_url
    if not _may_be_from(address):
        raise Forbidden("csrf", FOREIGN, address=address)
    try:
        csrf.protect()
    except CSRFError as error:
        raise Forbidden("csrf", STALE, address=address) from error


def _may_be_from(address: str) -> bool:
    """Whether a page of ours at `address` may have sent this; where the browser does not say, the token must do.

    A page that sends no Referer makes browsers give "null" as the origin. The Host of the request is a proxy's word.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in ("same-origin", "none")
    sent_by = request.headers.get("Origin", "null")
    return sent_by == "null" or origin(sent_by) == origin(address)


def origin(address: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port of an address; no two of them for what is none."""
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return address, None, None


def _has_bearer() -> bool:
    """Whether the request brings a token: unlike other credentials, browsers never send one by themselves."""
    return request.headers.get("Authorization", "")[:7].lower() == "bearer "


def _is_shared() -> bool:
    declared = endpoint.current()
    return declared is not None and declared.shared
