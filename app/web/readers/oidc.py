"""Signing in by the house's provider of identities: the way there and back.

What must come back lies in this browser's session, so that nobody is signed in by a link that somebody else has made.
"""

from dataclasses import asdict

import msgspec
from flask import flash, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import clock
from app.accounts import names
from app.accounts.identity import Identity
from app.errors import Refusal
from app.language import _
from app.sign_in import foreign_sessions, oidc
from app.sign_in.oidc import BACK, Attempt
from app.web import context, forms, limits
from app.web.endpoint import page
from app.web.readers.sso import CHOOSE_A_NAME, as_opened
from app.web.readers.ways_in import OIDC_PATH
from app.web.services import services

MOST_SECONDS_AWAY = 900


class Going(msgspec.Struct):
    """The page of ours to go on to."""

    next: str = "/"


class Begun(msgspec.Struct):
    """A way to the provider that began in this browser: what must come back, when it began, and where it leads."""

    attempt: Attempt
    at: float
    next: str


@page("GET", OIDC_PATH, "sign_in", asks=Going)
def go_there(_caller: Identity, query: Going) -> Response:
    """Go to the provider, to come back signed in."""
    address, attempt = oidc.begin(services().settings)
    following = forms.local(query.next)
    session["oidc"] = {"attempt": asdict(attempt), "at": clock.now().timestamp(), "next": following}
    return as_opened(redirect(address, 303), following)


@page("GET", BACK, "sign_in")
def come_back(_caller: Identity) -> ResponseReturnValue:
    """Come back from the provider."""
    limits.log_in()
    begun = _begun()
    following = begun.next if begun else "/"
    try:
        found = foreign_sessions.of_provider(
            services(), oidc.finish(services(), begun.attempt if begun else None, request.args)
        )
    except Refusal as refusal:
        body = render_template("readers/sso.html", token=None, next=following, refusal=refusal)
        return as_opened(Response(body, refusal.status, mimetype="text/html"), following)
    context.sign_in(found.caller, found.session_id)
    if names.is_ours(found.caller.name):
        flash(_(CHOOSE_A_NAME), "warn")
    return as_opened(redirect(following, 303), following)


def _begun() -> Begun | None:
    """The way that this browser has begun, once, unless it was too long ago."""
    try:
        begun = msgspec.convert(session.pop("oidc", None), Begun)
    except msgspec.ValidationError:
        return None
    return begun if 0 <= clock.now().timestamp() - begun.at < MOST_SECONDS_AWAY else None
