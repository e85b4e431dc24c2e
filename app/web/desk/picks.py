"""Moderators put comments forward, by program and by button: editors' picks, and the one that stands first."""

import msgspec
from flask import redirect
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.moderation import picks
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services


class PutForward(msgspec.Struct, kw_only=True):
    """`undo`: put it forward no more. `back`: the page that the button was on."""

    undo: bool = False
    back: str = "/"


@endpoint("PUT", "/api/v1/comments/<comment>/pick", "pick", gives={204: None})
@refuses("own_comment", "too_many_picks")
def pick_comment(caller: Identity, comment: str) -> None:
    """Make a comment an editor's pick: a few for each story."""
    with services().database.transaction() as session:
        picks.pick(session, caller, forms.path_id(comment), services().house.zone)


@endpoint("DELETE", "/api/v1/comments/<comment>/pick", "pick", gives={204: None})
def unpick_comment(caller: Identity, comment: str) -> None:
    """Take a pick back."""
    with services().database.transaction() as session:
        picks.unpick(session, caller, forms.path_id(comment))


@endpoint("PUT", "/api/v1/comments/<comment>/pin", "pick", gives={204: None})
@refuses("own_comment", "reply")
def pin_comment(caller: Identity, comment: str) -> None:
    """Let a comment stand first in its story, instead of the one that does."""
    with services().database.transaction() as session:
        picks.pin(session, caller, forms.path_id(comment))


@endpoint("DELETE", "/api/v1/comments/<comment>/pin", "pick", gives={204: None})
def unpin_comment(caller: Identity, comment: str) -> None:
    """Let a comment stand first no more."""
    with services().database.transaction() as session:
        picks.unpin(session, caller, forms.path_id(comment))


@page("POST", "/comments/<comment>/pick", "pick", takes=PutForward)
def pick_form(caller: Identity, form: PutForward, comment: str) -> ResponseReturnValue:
    """Pick a comment, or no more, by a button."""
    with services().database.transaction() as session:
        if form.undo:
            picks.unpick(session, caller, forms.path_id(comment))
        else:
            picks.pick(session, caller, forms.path_id(comment), services().house.zone)
    return redirect(f"{forms.local(form.back)}#c{comment}", 303)


@page("POST", "/comments/<comment>/pin", "pick", takes=PutForward)
def pin_form(caller: Identity, form: PutForward, comment: str) -> ResponseReturnValue:
    """Let a comment stand first, or no more, by a button."""
    with services().database.transaction() as session:
        (picks.unpin if form.undo else picks.pin)(session, caller, forms.path_id(comment))
    return redirect(f"{forms.local(form.back)}#c{comment}", 303)
