"""Signing in on our own pages by the paper's word: a form on a page of the paper leads here with a token.

Whoever writes a page could send somebody here with a token of their own, to have them write and pay under a name that
is not theirs. So the form signs nobody in: the page that it leads to says who one would be, and asks. The token waits
for that in a cookie, and is in no address and no log.
"""

import secrets
from urllib.parse import urlencode

import msgspec
from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.accounts import names
from app.accounts.identity import Identity
from app.errors import Refusal
from app.language import _, mark
from app.sign_in import foreign_sessions, paper_tokens
from app.web import context, forms
from app.web.endpoint import arrival, page
from app.web.readers import embed_window
from app.web.services import services

COOKIE_SECONDS = paper_tokens.LONGEST_LIFE_SECONDS
CHOOSE_A_NAME = mark("We could not give you the name that you have at the paper. You can choose one in your account.")


class FromThePaper(msgspec.Struct):
    """The token, and the page of ours to go on to."""

    token: str = ""
    next: str = "/"


class NextPage(msgspec.Struct):
    next: str = "/"


@arrival("/sso", "sign_in", takes=FromThePaper)
def arrive(_caller: Identity, form: FromThePaper) -> Response:
    """Come from the paper, and be asked whether to go on."""
    answer = redirect(f"/sso/continue?{urlencode({'next': forms.local(form.next)})}", 303)
    if len(form.token) <= paper_tokens.MOST_CHARACTERS and form.token.isascii() and form.token.isprintable():
        _wait_in_cookie(answer, form.token, COOKIE_SECONDS)
    return as_opened(answer, form.next)


@page("GET", "/sso/continue", "sign_in", asks=NextPage)
def ask(_caller: Identity, query: NextPage) -> Response:
    """Say who one would be, and ask."""
    return _asked(request.cookies.get(_cookie(), ""), query.next)


@page("POST", "/sso/continue", "sign_in", takes=FromThePaper)
def go_on(_caller: Identity, form: FromThePaper) -> ResponseReturnValue:
    """Sign in."""
    try:
        token = paper_tokens.read(services(), form.token, for_account=True)
        browser = context.form_secret() or secrets.token_urlsafe(16)
        found = foreign_sessions.of_paper(services(), token, f"page {browser}")
    except Refusal as refusal:
        return _asked(form.token, form.next, refusal)
    context.sign_in(found.caller, found.session_id)
    if names.is_ours(found.caller.name):
        flash(_(CHOOSE_A_NAME), "warn")
    answer = redirect(forms.local(form.next), 303)
    _wait_in_cookie(answer, "", 0)
    return as_opened(answer, form.next)


def _asked(text: str, following: str, refusal: Refusal | None = None) -> Response:
    token = None
    try:
        token = paper_tokens.read(services(), text, for_account=True) if refusal is None else None
    except Refusal as found:
        refusal = found
    body = render_template("readers/sso.html", token=token, text=text, next=forms.local(following), refusal=refusal)
    return as_opened(make_response(body, refusal.status if refusal else 200), following)


def as_opened(answer: Response, following: str) -> Response:
    """`answer`, on the way to `following`: our window must go on knowing the page that opened it."""
    return embed_window.with_opener(answer) if following.startswith(f"{embed_window.PATH}?") else answer


def _wait_in_cookie(answer: Response, token: str, seconds: int) -> None:
    secure = services().settings.secure
    answer.set_cookie(_cookie(), token, max_age=seconds, httponly=True, samesite="Lax", secure=secure)


def _cookie() -> str:
    return "__Host-btl-sso" if services().settings.secure else "btl-sso"
