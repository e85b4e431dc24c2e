"""The window by which readers sign in for a page that our cookie does not reach: that of a newspaper elsewhere.

Our element opens it, on a click, with the newspaper, the page's origin and a nonce. It is told who reads the page by a
message to exactly that origin, once, after a click here on "Continue as ...". So a page that opens this window in the
newspaper's name hears nothing. Of all our pages it alone keeps the window that opened it (no COOP).
"""

import re
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from flask import Response, redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.identity import ANONYMOUS, Identity
from app.errors import Malformed, Refusal
from app.sign_in.local import sign_in
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.web import context, limits
from app.web.endpoint import page
from app.web.readers import ways_in
from app.web.readers.embed_session import EmbedSession, require_page_of, session_of
from app.web.responses import encoder
from app.web.services import services

Answer = TypeVar("Answer", bound=BaseResponse)
PATH = "/embed/window"
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Opened(msgspec.Struct, kw_only=True):
    """By which page the window was opened: its newspaper and its story (keys), its origin and its nonce."""

    origin: str = ""
    nonce: str = ""
    story: str = ""
    site: str | None = None


class SignInThere(Opened, kw_only=True):
    email: str = ""
    password: str = ""


@page("GET", PATH, "sign_in", asks=Opened)
def show_window(caller: Identity, query: Opened) -> Response:
    """Sign in, or go on as who is signed in already."""
    return _window(caller, _site_of(query), query)


@page("POST", PATH, "sign_in", takes=SignInThere)
def sign_in_there(caller: Identity, form: SignInThere) -> ResponseReturnValue:
    """Sign in, and be asked whether to go on."""
    site = _site_of(form)
    try:
        limits.log_in()
        context.sign_in(sign_in(services(), form.email, form.password, context.network()))
    except Refusal as refusal:
        return _window(caller, site, form, refusal)
    return with_opener(redirect(f"{PATH}?{_query(form)}", 303))


@page("POST", f"{PATH}/continue", "sign_in", takes=Opened)
def go_on(_caller: Identity, form: Opened) -> Response:
    """Tell the page who reads it."""
    site = _site_of(form)
    reader = context.for_page(site.id)
    if reader is ANONYMOUS:
        return _window(ANONYMOUS, site, form)
    return _window(reader, site, form, session=session_of(reader, site, form.story))


def _site_of(opened: Opened) -> SiteSnapshot:
    """The newspaper whose page opened the window. Raises Forbidden for any other page, Malformed for no nonce."""
    site = sites.by_key(services().database, opened.site)
    require_page_of(site, opened.origin)
    if not _NONCE.fullmatch(opened.nonce):
        raise Malformed(field="nonce")
    return site


def _query(opened: Opened) -> str:
    given = {name: getattr(opened, name) for name in Opened.__struct_fields__}
    return urlencode({name: value for name, value in given.items() if value})


def _window(
    caller: Identity,
    site: SiteSnapshot,
    opened: Opened,
    refusal: Refusal | None = None,
    session: EmbedSession | None = None,
) -> Response:
    told = encoder.encode({"nonce": opened.nonce, "session": session}).decode() if session else None
    body = render_template(
        "readers/embed_window.html",
        site_id=site.id,
        site=site,
        opened=opened,
        email=getattr(opened, "email", ""),
        reader=caller,
        refusal=refusal,
        told=told,
        elsewhere=ways_in.elsewhere(f"{PATH}?{_query(opened)}"),
    )
    return with_opener(Response(body, refusal.status if refusal else 200, mimetype="text/html"))


def with_opener(response: Answer) -> Answer:
    """Let the window go on knowing the page that opened it: a single answer without this would part them for good."""
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response
