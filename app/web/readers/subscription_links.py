"""A reader who subscribes already links that subscription to their account here: by the paper's word, or by letter."""

from contextlib import suppress

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.accounts.identity import Identity
from app.billing import link_by_letter, link_by_token, subscriptions
from app.billing.links import LinkOutcome
from app.errors import Refusal
from app.gateway.client import StripeUnavailable, WrongMode
from app.gateway.values import MalformedObject
from app.language import _, mark
from app.web import limits
from app.web.endpoint import page
from app.web.readers.sign_up import LetterToken
from app.web.readers.subscription import PATH
from app.web.services import services

# the same whether or not anybody pays with the address
ASKED = mark(
    "If a subscription is paid with this address and nobody has linked it yet, a letter is on its way there. "
    "Please open the link in it while you are signed in here."
)
# of a subscription that two readers say is theirs the subscription's page tells, for as long as it is open
TOLD = {
    LinkOutcome.LINKED: mark("Your subscription is linked to this account."),
    LinkOutcome.ALREADY: mark("This subscription is linked to your account already."),
}


class LetterForm(msgspec.Struct):
    email: str = ""


@page("GET", f"{PATH}/claim", "subscribe", asks=LetterToken)
def show_link(_caller: Identity, query: LetterToken) -> ResponseReturnValue:
    """What the paper vouches for, with a button: a page that a reader is lured to must link nothing by itself."""
    try:
        link_by_token.read(services().settings, query.token)
    except Refusal as refusal:
        return render_template("readers/link_subscription.html", refusal=refusal), refusal.status
    return render_template("readers/link_subscription.html", action=f"{PATH}/claim", token=query.token)


@page("POST", f"{PATH}/claim", "subscribe", takes=LetterToken)
def submit_link(caller: Identity, form: LetterToken) -> ResponseReturnValue:
    """Link what the paper vouches for."""
    given = services()
    try:
        voucher = link_by_token.read(given.settings, form.token)
        with given.database.transaction() as session:
            outcome = link_by_token.link(session, given.settings, given.house, caller.account_id, voucher)
    except Refusal as refusal:
        return render_template("readers/link_subscription.html", refusal=refusal), refusal.status
    return _told(caller, outcome)


@page("POST", f"{PATH}/claim-letter", "subscribe", takes=LetterForm)
def ask_for_letter(caller: Identity, form: LetterForm) -> Response:
    """Have a letter sent to whoever pays with an address."""
    limits.log_in()
    try:
        with services().database.transaction() as session:
            link_by_letter.ask(session, services().settings, caller.account_id, form.email)
        flash(_(ASKED), "good")
    except Refusal as refusal:
        flash(refusal.detail(), "bad")
    return redirect(PATH, 303)


@page("GET", f"{PATH}/confirm", "subscribe", asks=LetterToken)
def show_confirm(_caller: Identity, query: LetterToken) -> str:
    """A button: programs that look at the links in letters must not use them up."""
    return render_template("readers/link_subscription.html", action=f"{PATH}/confirm", token=query.token)


@page("POST", f"{PATH}/confirm", "subscribe", takes=LetterToken)
def submit_confirm(caller: Identity, form: LetterToken) -> ResponseReturnValue:
    """Link the subscription whose payer's mail the reader has read."""
    limits.log_in()
    given = services()
    try:
        with given.database.transaction() as session:
            outcome = link_by_letter.redeem(session, given.settings, given.house, caller.account_id, form.token)
    except Refusal as refusal:
        return render_template("readers/link_subscription.html", refusal=refusal), refusal.status
    return _told(caller, outcome)


def _told(caller: Identity, outcome: LinkOutcome) -> Response:
    if outcome is LinkOutcome.LINKED:
        with suppress(StripeUnavailable, MalformedObject, WrongMode):  # then a worker does it
            subscriptions.refresh_linked(services(), caller.account_id)
    if outcome in TOLD:
        flash(_(TOLD[outcome]), "good")
    return redirect(PATH, 303)
