"""What one wants letters about, and how to end them by one click of a letter (RFC 8058)."""

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.language import _, mark
from app.models import Account
from app.models.letter_choice import CHOICES, FOLLOW, FREQUENCIES
from app.models.notification import MENTION, PICK, PUBLISHED, REPLY, REPORT
from app.notifications import choices, unsubscribing
from app.web import forms
from app.web.endpoint import endpoint, one_click, page
from app.web.services import services

KINDS = {
    REPLY: mark("somebody answers you"),
    MENTION: mark("somebody mentions you"),
    PUBLISHED: mark("a comment of yours that waited is published"),
    PICK: mark("an editor picks a comment of yours"),
    REPORT: mark("a report of yours is answered"),
    FOLLOW: mark("there are new comments on a story that you follow"),
}
WORDS = {"at_once": mark("at once"), "daily": mark("once a day"), "never": mark("never")}


class LettersView(msgspec.Struct):
    """How often you have letters about what: {reply, mention, published, pick, report, follow: at_once, daily, never}.

    `refused`: letters to your address come back, so none of these is sent until you have confirmed it again.
    """

    letters: dict[str, str]
    refused: bool


class PutLetters(forms.Body):
    """The kinds to be changed, as in `LettersView`."""

    letters: dict[str, str]


class LettersForm(msgspec.Struct, kw_only=True):
    reply: str | None = None
    mention: str | None = None
    published: str | None = None
    pick: str | None = None
    report: str | None = None
    follow: str | None = None


class LinkQuery(msgspec.Struct, kw_only=True):
    token: str = ""


@endpoint("GET", "/api/v1/me/letters", "use_account", gives={200: LettersView})
def show_letters(caller: Identity) -> LettersView:
    """What you want letters about."""
    return _letters(caller)


@endpoint("PUT", "/api/v1/me/letters", "use_account", takes=PutLetters, gives={200: LettersView})
def put_letters(caller: Identity, body: PutLetters) -> LettersView:
    """Choose what you want letters about. Statements of reasons come in any case."""
    with services().database.transaction() as session:
        choices.choose(session, caller.account_id, body.letters)
    return _letters(caller)


@page("GET", "/account/letters", "use_account")
def show_letters_page(caller: Identity) -> str:
    """What one wants letters about."""
    with services().database.reading() as session:
        account = session.get_one(Account, caller.account_id)
    view = _letters(caller)
    given = {"chosen": view.letters, "refused": view.refused, "address": account.email}
    return render_template("readers/letters.html", kinds=_kinds(), words=_words(), **given)


@page("POST", "/account/letters", "use_account", takes=LettersForm)
def submit_letters(caller: Identity, form: LettersForm) -> ResponseReturnValue:
    """Choose what one wants letters about."""
    chosen = {kind: getattr(form, kind) for kind in CHOICES}
    with services().database.transaction() as session:
        choices.choose(session, caller.account_id, {kind: how for kind, how in chosen.items() if how is not None})
    flash(_("Your letters come as you have chosen."), "good")
    return redirect("/account/letters", 303)


@page("GET", unsubscribing.PATH, "unsubscribe", asks=LinkQuery)
def show_unsubscribe(_caller: Identity, query: LinkQuery) -> str:
    """What a letter's link ends; it does so by a button, since mail programs open links by themselves."""
    _account_id, kinds = unsubscribing.kinds_of(services().settings, query.token)
    return _unsubscribe(query.token, kinds)


@one_click(unsubscribing.PATH, "unsubscribe", asks=LinkQuery)
def submit_unsubscribe(_caller: Identity, query: LinkQuery) -> str:
    """End the letters of a link: by its page's button, or by the mail program of who got the letter."""
    with services().database.transaction() as session:
        kinds = unsubscribing.end(session, services().settings, query.token)
    return _unsubscribe(query.token, kinds, done=True)


def _unsubscribe(token: str, kinds: list[str], *, done: bool = False) -> str:
    about = [name for kind, name in _kinds().items() if kind in kinds]
    return render_template("readers/unsubscribe.html", token=token, about=about, done=done)


def _letters(caller: Identity) -> LettersView:
    with services().database.reading() as session:
        account = session.get_one(Account, caller.account_id)
        return LettersView(choices.of(session, account.id), account.mail_refused_at is not None)


def _kinds() -> dict[str, str]:
    return {kind: _(KINDS[kind]) for kind in CHOICES}


def _words() -> dict[str, str]:
    return {frequency: _(WORDS[frequency]) for frequency in FREQUENCIES}
