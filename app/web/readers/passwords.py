"""New passwords: by letter for who has forgotten theirs, in the account for who has not."""

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.errors import Refusal
from app.language import _, mark
from app.sign_in import resets
from app.web import context, limits
from app.web.endpoint import endpoint, page, refuses
from app.web.forms import Body
from app.web.readers.account_pages import account_page
from app.web.readers.sign_in import Bearer, bearer
from app.web.readers.sign_up import Accepted, LetterToken
from app.web.services import services

LETTER_ON_ITS_WAY = mark(
    "If there is an account for this address, a letter is on its way. We send three a day at most, and each is good "
    "for a day: look for an earlier one if none comes."
)


class ChangePassword(Body):
    """The present password and the one that takes its place."""

    password: str
    new_password: str


class AskReset(Body):
    """The address that the letter goes to."""

    email: str


class UseReset(Body):
    """`token`: the one of the letter. `password`: the new one."""

    token: str
    password: str


class PasswordForm(msgspec.Struct):
    password: str = ""
    new_password: str = ""


class ForgotForm(msgspec.Struct):
    email: str = ""


class ResetForm(msgspec.Struct):
    token: str = ""
    password: str = ""


@endpoint("PUT", "/api/v1/me/password", "use_account", takes=ChangePassword, gives={200: Bearer})
@refuses("wrong_password", "password_guessable", "password_length")
def change_password(caller: Identity, body: ChangePassword) -> Bearer:
    """Replace one's password. Ends every session and token, and gives a new token."""
    return bearer(_change(caller, body.password, body.new_password))


@endpoint("POST", "/api/v1/password-resets", "sign_in", takes=AskReset, gives={202: Accepted})
def ask_reset(_caller: Identity, body: AskReset) -> tuple[Accepted, int]:
    """Have a letter sent with which to set a new password. The answer is the same for an unknown address."""
    _ask(body.email)
    return Accepted(), 202


@endpoint("POST", "/api/v1/password-resets/use", "sign_in", takes=UseReset, gives={204: None})
@refuses("token_invalid", "password_guessable", "password_length")
def use_reset(_caller: Identity, body: UseReset) -> None:
    """Set a new password with the token from the letter. Ends every session and token."""
    _reset(body.token, body.password)


@page("POST", "/account/password", "use_account", takes=PasswordForm)
def submit_password(caller: Identity, form: PasswordForm) -> ResponseReturnValue:
    """Replace one's password; this browser stays signed in, all others do not."""
    try:
        context.sign_in(_change(caller, form.password, form.new_password))
    except Refusal as refusal:
        return account_page(caller, refusal), refusal.status
    flash(_("Your password has been changed. All other sessions have ended."), "good")
    return redirect("/account", 303)


@page("GET", "/forgot", "sign_in")
def show_forgot(_caller: Identity) -> str:
    """The form to ask for a letter with."""
    return render_template("readers/forgot.html")


@page("POST", "/forgot", "sign_in", takes=ForgotForm)
def submit_forgot(_caller: Identity, form: ForgotForm) -> ResponseReturnValue:
    """Have the letter sent."""
    _ask(form.email)
    flash(_(LETTER_ON_ITS_WAY), "good")
    return redirect("/sign-in", 303)


@page("GET", "/reset", "sign_in", asks=LetterToken)
def show_reset(_caller: Identity, query: LetterToken) -> str:
    """The form to set a new password with."""
    return render_template("readers/reset.html", form=ResetForm(query.token))


@page("POST", "/reset", "sign_in", takes=ResetForm)
def submit_reset(_caller: Identity, form: ResetForm) -> ResponseReturnValue:
    """Set the new password, which lets this browser in: whoever has the letter need not wait at the front door."""
    try:
        context.sign_in(_reset(form.token, form.password))
    except Refusal as refusal:
        return render_template("readers/reset.html", form=form, refusal=refusal), refusal.status
    flash(_("Your new password is set, and you are signed in. All other sessions have ended."), "good")
    return redirect(context.way_back("/account"), 303)


def _change(caller: Identity, password: str, new: str) -> Identity:
    limits.log_in()
    return resets.change(services(), caller.account_id, password, new, context.network())


def _ask(email: str) -> None:
    limits.log_in()
    with services().database.transaction() as session:
        resets.ask(session, email)


def _reset(token: str, password: str) -> Identity:
    limits.log_in()
    return resets.reset(services(), token, password, context.network())
