"""Signing in and out: a session for browsers, a Bearer token for programs."""

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts import identity
from app.accounts.identity import Identity
from app.errors import Refusal
from app.language import _
from app.sign_in import bearer_tokens, resets
from app.sign_in.local import sign_in
from app.web import context, forms, limits
from app.web.endpoint import endpoint, page, refuses
from app.web.forms import Body
from app.web.readers import ways_in
from app.web.services import services


class Credentials(Body):
    """What somebody signs in with at this house."""

    email: str
    password: str


class Bearer(msgspec.Struct):
    """Send it as `Authorization: Bearer <token>`; ask for another one before `expires_in` seconds are over."""

    token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105


class SignInForm(msgspec.Struct):
    email: str = ""
    password: str = ""
    next: str = "/"


class NextPage(msgspec.Struct):
    next: str | None = None


@endpoint("POST", "/api/v1/tokens", "sign_in", takes=Credentials, gives={201: Bearer})
@refuses("wrong_credentials")
def create_token(_caller: Identity, body: Credentials) -> tuple[Bearer, int]:
    """A Bearer token for an account.

    It is good for an hour, or until a new password, a ban or the end of all sessions. One address may try
    {limits.log_ins_per_minute} times a minute; whoever is wrong too often about one account waits.
    """
    limits.log_in()
    return bearer(sign_in(services(), body.email, body.password, context.network())), 201


@endpoint("DELETE", "/api/v1/tokens", "use_account", gives={204: None})
def end_sessions(caller: Identity) -> None:
    """End every session and token of the account, this one included."""
    with services().database.transaction() as session:
        resets.end_sessions(session, caller.account_id)


@page("GET", "/sign-in", "sign_in", asks=NextPage)
def show_sign_in(_caller: Identity, query: NextPage) -> str:
    """The form to sign in with."""
    address = query.next or context.way_back("/")
    return _sign_in_page(SignInForm(next=forms.local(address)))


@page("POST", "/sign-in", "sign_in", takes=SignInForm)
def submit_sign_in(_caller: Identity, form: SignInForm) -> ResponseReturnValue:
    """Sign in, and go on to where one wanted to go."""
    form.next = forms.local(form.next)
    try:
        limits.log_in()
        found = sign_in(services(), form.email, form.password, context.network())
    except Refusal as refusal:
        return _sign_in_page(form, refusal), refusal.status
    context.sign_in(found)
    return redirect(form.next, 303)


@page("POST", "/sign-out", "sign_in")
def submit_sign_out(_caller: Identity) -> ResponseReturnValue:
    """End this browser's session: its cookie is good for nothing from now on, while other sessions go on."""
    if session_id := context.session_id():
        with services().database.transaction() as session:
            identity.end(session, session_id)
    context.sign_out()
    return redirect("/", 303)


@page("POST", "/account/sessions", "use_account")
def submit_end_sessions(caller: Identity) -> ResponseReturnValue:
    """End every session, this one included."""
    end_sessions(caller)
    context.sign_out()
    flash(_("All sessions have ended. Please sign in again."), "good")
    return redirect("/sign-in", 303)


def _sign_in_page(form: SignInForm, refusal: Refusal | None = None) -> str:
    return render_template("readers/sign_in.html", form=form, refusal=refusal, elsewhere=ways_in.elsewhere(form.next))


def bearer(caller: Identity) -> Bearer:
    """A fresh token for `caller`."""
    return Bearer(bearer_tokens.issue(services().settings, caller), int(bearer_tokens.TOKEN_LIFETIME.total_seconds()))
