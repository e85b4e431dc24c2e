"""Mute a reader, for oneself, by program and by form."""

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts import mutes
from app.accounts.identity import Identity
from app.language import _, mark
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from app.web.sites import SiteQuery

MUTED = mark("What they write is folded for you from now on. Your account has the list.")
READ_AGAIN = mark("You read them again.")


class MuteForm(msgspec.Struct, kw_only=True):
    """`back`: the page that the button was on."""

    undo: bool = False
    back: str = "/account"


@endpoint("PUT", "/api/v1/accounts/<account>/mute", "mute", asks=SiteQuery, gives={204: None})
@refuses("own_account", "too_many_muted")
def mute_account(caller: Identity, query: SiteQuery, account: str) -> None:  # noqa: ARG001
    """Fold what a reader writes, for oneself; once is enough, and nobody else learns of it."""
    with services().database.transaction() as session:
        mutes.mute(session, caller.account_id, forms.path_id(account))


@endpoint("DELETE", "/api/v1/accounts/<account>/mute", "mute", asks=SiteQuery, gives={204: None})
def unmute_account(caller: Identity, query: SiteQuery, account: str) -> None:  # noqa: ARG001
    """Read a reader again whom one has muted."""
    with services().database.transaction() as session:
        mutes.unmute(session, caller.account_id, forms.path_id(account))


@page("POST", "/readers/<account>/mute", "mute", takes=MuteForm)
def mute_form(caller: Identity, form: MuteForm, account: str) -> ResponseReturnValue:
    """Mute a reader, or no more, by a button."""
    muted_id = forms.path_id(account)
    with services().database.transaction() as session:
        (mutes.unmute if form.undo else mutes.mute)(session, caller.account_id, muted_id)
    flash(_(READ_AGAIN if form.undo else MUTED))
    return redirect(forms.local(form.back), 303)
