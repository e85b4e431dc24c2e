"""Signing up and confirming the mailbox, for programs and for browsers. See accounts.sign_up for what is told whom."""

from dataclasses import replace

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts import names
from app.accounts.identity import ANONYMOUS, Identity
from app.errors import Forbidden, Malformed, Refusal, Refusals, TooMany
from app.language import _, mark
from app.sign_in import passwords, sign_up
from app.sign_in.sign_up import Registration
from app.toxicity.scorer import Answer
from app.web import context, forms, limits
from app.web.endpoint import endpoint, page, refuses
from app.web.forms import Body
from app.web.readers.sign_in import NextPage
from app.web.services import services

LETTER_SENT = mark("We have sent you a letter. Please open the link in it to go on.")
LETTER_AGAIN = mark(
    "The letter is on its way again. We send three a day at most, and none within two minutes of the last."
)


class SignUp(Body):
    """`rules_version`: the version of the rules that is accepted with it."""

    email: str
    name: str
    password: str
    # the version of the rules that is accepted with it, and with that that one is as old as the house asks
    rules_version: str | None = None


class SignUpForm(msgspec.Struct):
    email: str = ""
    name: str = ""
    password: str = ""
    rules_version: str | None = None


class Verify(Body):
    """`password`: the one chosen at sign-up. A mailbox that is confirmed already needs none."""

    token: str
    password: str = ""


class LetterToken(msgspec.Struct):
    token: str = ""


class VerifyForm(msgspec.Struct):
    token: str = ""
    password: str = ""


class Accepted(msgspec.Struct):
    """`state` is always "letter_sent": what became of the sign-up is in the letter."""

    state: str = "letter_sent"


@endpoint("POST", "/api/v1/accounts", "sign_up", takes=SignUp, gives={202: Accepted})
@refuses(
    "email_malformed",
    "name_characters",
    "name_length",
    "name_reserved",
    "name_taken",
    "name_unsuitable",
    "password_guessable",
    "password_length",
    "rules_outdated",
)
def create_account(_caller: Identity, body: SignUp) -> tuple[Accepted, int]:
    """Sign up. The answer is the same whether or not the mailbox is known.

    What became of it is in the letter. One address may do so {limits.sign_ups_per_hour} times an hour.
    """
    _sign_up(body)
    return Accepted(), 202


@endpoint("POST", "/api/v1/accounts/verify", "sign_up", takes=Verify)
@refuses("token_invalid", "wrong_password")
def verify_account(_caller: Identity, body: Verify) -> None:
    """Confirm a mailbox with the token from its letter. A second time changes nothing."""
    _verify(body)


@endpoint("POST", "/api/v1/me/verification", "use_account", gives={202: Accepted})
def send_verification(caller: Identity) -> tuple[Accepted, int]:
    """Have the letter with which to confirm one's mailbox sent again."""
    _resend(caller)
    return Accepted(), 202


@page("GET", "/sign-up", "sign_up", asks=NextPage)
def show_sign_up(_caller: Identity, query: NextPage) -> str:
    """The form to sign up with."""
    if query.next:
        context.remember(forms.local(query.next))
    return render_template("readers/sign_up.html", form=SignUpForm())


@page("POST", "/sign-up", "sign_up", takes=SignUpForm)
def submit_sign_up(_caller: Identity, form: SignUpForm) -> ResponseReturnValue:
    """Sign up, and hear that a letter is on its way."""
    try:
        _sign_up(form, must_accept=True)
    except Refusal as refusal:
        return render_template("readers/sign_up.html", form=form, refusal=refusal), refusal.status
    context.await_letter(form.email.strip())
    return redirect("/sign-up/sent", 303)


@page("GET", "/sign-up/sent", "sign_up")
def show_sent(_caller: Identity) -> ResponseReturnValue:
    """Where the letter went, and a way to have it sent again: the same whether or not the address was known."""
    if not context.awaited_at():
        return redirect("/sign-up", 303)
    return render_template("readers/sent.html", email=context.awaited_at())


@page("POST", "/sign-up/sent", "sign_up")
def submit_again(_caller: Identity) -> ResponseReturnValue:
    """Have the letter of a sign-up sent again."""
    email = context.awaited_at()
    if email:
        try:
            limits.log_in()
        except TooMany as refusal:
            return render_template("readers/sent.html", email=email, refusal=refusal), refusal.status
        with services().database.transaction() as session:
            sign_up.ask_again(session, email)
        flash(_(LETTER_AGAIN), "good")
    return redirect("/sign-up/sent", 303)


@page("GET", "/verify", "sign_up", asks=LetterToken)
def show_verify(_caller: Identity, query: LetterToken) -> ResponseReturnValue:
    """A form: programs that look at the links in letters must not use them up."""
    try:
        with services().database.reading() as session:
            awaiting = sign_up.awaiting(session, services().settings, query.token)
    except Refusal as refusal:
        return render_template("readers/verify.html", refusal=refusal), refusal.status
    return render_template("readers/verify.html", token=query.token, confirmed=awaiting is None)


@page("POST", "/verify", "sign_up", takes=VerifyForm)
def submit_verify(caller: Identity, form: VerifyForm) -> ResponseReturnValue:
    """Confirm a mailbox. Whoever gave letter and password is let in."""
    try:
        confirmed = _verify(form)
    except (Forbidden, TooMany) as refusal:
        return render_template("readers/verify.html", token=form.token, again=refusal), refusal.status
    except Refusal as refusal:
        return render_template("readers/verify.html", refusal=refusal), refusal.status
    if caller is ANONYMOUS and confirmed is not ANONYMOUS:
        context.sign_in(confirmed)
    flash(_("Thank you, your address is confirmed."), "good")
    if names.is_ours(confirmed.name):
        flash(_("Somebody else has the display name that you wanted. You can choose another in your account."), "warn")
    return redirect(context.way_back("/account") if context.caller() is not ANONYMOUS else "/sign-in", 303)


@page("POST", "/account/verification", "use_account", takes=NextPage)
def submit_verification(caller: Identity, form: NextPage) -> ResponseReturnValue:
    """Have the letter sent again."""
    _resend(caller)
    flash(_(LETTER_SENT), "good")
    return redirect(forms.local(form.next or "/account"), 303)


def _sign_up(wanted: SignUp | SignUpForm, *, must_accept: bool = False) -> None:
    """Raises all that is wrong with what is wanted at once: what is costly or written comes after."""
    limits.sign_up()
    given = services()
    words = passwords.words_of(given, wanted.email, wanted.name)
    registration = Registration(wanted.email, wanted.name, "", score_name(wanted.name), wanted.rules_version)
    refusals = Refusals()
    with given.database.reading() as session:
        sign_up.check(session, given.house, registration, refusals)
    refusals.of(lambda: passwords.check(wanted.password, words))
    if must_accept and wanted.rules_version is None:
        sentence = mark("Please read and accept our rules first.")
        refusals.add(Malformed("rules_not_accepted", sentence, field="rules_version"))
    refusals.of(lambda: sign_up.require_current(given.house, wanted.rules_version))
    refusals.tell()
    registration = replace(registration, secret=passwords.hashed(wanted.password, words))
    with given.database.transaction() as session:
        sign_up.sign_up(session, given.settings, given.house, registration)


def score_name(name: str) -> Answer:
    """What the scorer says of a name; ask before the transaction opens."""
    given = services()
    return given.scorer.score([name[: names.MOST_CHARACTERS]], given.settings.scorer_deadline_ms / 1000)


def _verify(given: Verify | VerifyForm) -> Identity:
    limits.log_in()
    return sign_up.verify(services(), given.token, given.password, context.network())


def _resend(caller: Identity) -> None:
    limits.log_in()
    with services().database.transaction() as session:
        sign_up.resend(session, caller.account_id)
