"""What a reader thinks of a comment, said and taken back, by program and by form."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.comments import reactions
from app.language import _, mark
from app.web import forms, limits
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from app.web.sites import rules_of, site_of

T = TypeVar("T")
QUIET = mark(
    "Noted, for nobody to see: it is no number and moves no comment down. It helps to find what is respected by "
    "readers who usually disagree."
)


class RespectView(msgspec.Struct):
    """Whether the caller respects the comment now, and how many readers do."""

    respected: bool
    respects: int


class ReactionForm(msgspec.Struct, kw_only=True):
    """`back`: the page that the button was on."""

    withdraw: bool = False
    back: str = "/"


@endpoint("PUT", "/api/v1/comments/<comment>/respect", "react", gives={200: RespectView})
@refuses("own_comment", "reactions_over")
def respect_comment(caller: Identity, comment: str) -> RespectView:
    """Respect a comment; once is enough.

    A reader may do so {limits.reactions_per_minute} times a minute.
    """
    return RespectView(True, _act(reactions.respect, caller, forms.path_id(comment)))


@endpoint("DELETE", "/api/v1/comments/<comment>/respect", "react", gives={200: RespectView})
def withdraw_respect(caller: Identity, comment: str) -> RespectView:
    """Respect a comment no more."""
    return RespectView(False, _act(reactions.withdraw, caller, forms.path_id(comment)))


@page("POST", "/comments/<comment>/respect", "react", takes=ReactionForm)
def respect_form(caller: Identity, form: ReactionForm, comment: str) -> ResponseReturnValue:
    """Respect a comment, or no more, by a button."""
    comment_id = forms.path_id(comment)
    _act(reactions.withdraw if form.withdraw else reactions.respect, caller, comment_id)
    return redirect(f"{forms.local(form.back)}#c{comment_id}", 303)


@endpoint("PUT", "/api/v1/comments/<comment>/disagreement", "react", gives={204: None})
@refuses("own_comment", "reactions_over", "common_ground_off")
def disagree_with_comment(caller: Identity, comment: str) -> None:
    """Say that one disagrees with a comment, for nobody else to learn; one may respect it all the same."""
    _act(reactions.disagree, caller, forms.path_id(comment))


@endpoint("DELETE", "/api/v1/comments/<comment>/disagreement", "react", gives={204: None})
def withdraw_disagreement(caller: Identity, comment: str) -> None:
    """Say no more that one disagrees with a comment."""
    _act(reactions.disagree_no_more, caller, forms.path_id(comment))


@page("POST", "/comments/<comment>/disagreement", "react", takes=ReactionForm)
def disagreement_form(caller: Identity, form: ReactionForm, comment: str) -> ResponseReturnValue:
    """Disagree with a comment, or no more, by a button."""
    comment_id = forms.path_id(comment)
    _act(reactions.disagree_no_more if form.withdraw else reactions.disagree, caller, comment_id)
    if not form.withdraw:
        flash(_(QUIET))
    return redirect(f"{forms.local(form.back)}#c{comment_id}", 303)


def _act(act: Callable[..., T], caller: Identity, comment_id: int) -> T:
    site = site_of(comment_id)
    limits.react(caller.account_id, rules_of(site).limits.reactions_per_minute)
    with services().database.transaction() as session:
        return act(session, caller.account_id, comment_id, site, services().house)
