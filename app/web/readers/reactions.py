"""Respect for a comment, given and withdrawn, by program and by form."""

from collections.abc import Callable

import msgspec
from flask import redirect
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.comments import reactions
from app.web import forms, limits
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from app.web.sites import rules_of, site_of


class RespectView(msgspec.Struct):
    """Whether the caller respects the comment now, and how many readers do."""

    respected: bool
    respects: int


class RespectForm(msgspec.Struct, kw_only=True):
    """`back`: the page that the button was on."""

    withdraw: bool = False
    back: str = "/"


@endpoint("PUT", "/api/v1/comments/<comment>/respect", "react", gives={200: RespectView})
@refuses("own_comment")
def respect_comment(caller: Identity, comment: str) -> RespectView:
    """Respect a comment; once is enough.

    A reader may do so {limits.reactions_per_minute} times a minute.
    """
    return RespectView(True, _act(reactions.respect, caller, forms.path_id(comment)))


@endpoint("DELETE", "/api/v1/comments/<comment>/respect", "react", gives={200: RespectView})
def withdraw_respect(caller: Identity, comment: str) -> RespectView:
    """Respect a comment no more."""
    return RespectView(False, _act(reactions.withdraw, caller, forms.path_id(comment)))


@page("POST", "/comments/<comment>/respect", "react", takes=RespectForm)
def respect_form(caller: Identity, form: RespectForm, comment: str) -> ResponseReturnValue:
    """Respect a comment, or no more, by a button."""
    comment_id = forms.path_id(comment)
    _act(reactions.withdraw if form.withdraw else reactions.respect, caller, comment_id)
    return redirect(f"{forms.local(form.back)}#c{comment_id}", 303)


def _act(act: Callable[..., int], caller: Identity, comment_id: int) -> int:
    site = site_of(comment_id)
    limits.react(caller.account_id, rules_of(site).limits.reactions_per_minute)
    with services().database.transaction() as session:
        return act(session, caller.account_id, comment_id, site, services().house)
