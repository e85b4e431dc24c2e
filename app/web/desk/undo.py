"""POST /decisions/<decision>/undo: the button beside every decision; and taking up a comment that nobody reported."""

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.language import _
from app.moderation import initiative, undo
from app.web import forms
from app.web.endpoint import page
from app.web.services import services

BACK_PREFIXES = ("/queue", "/readers/")


class Undo(msgspec.Struct):
    """Where to go back to, and why, for the other moderators."""

    back: str = "/queue/log"
    reason: str = ""


@page("POST", "/decisions/<decision>/undo", "moderate", takes=Undo)
def undo_decision(caller: Identity, form: Undo, decision: str) -> ResponseReturnValue:
    """Take a decision back, with all that followed from it."""
    with services().database.transaction() as session:
        undo.undo(session, services().house, caller, forms.path_id(decision), form.reason)
    flash(_("Undone. What it had decided waits again."), "good")
    back = forms.local(form.back)
    return redirect(back if back.startswith(BACK_PREFIXES) else "/queue", 303)


@page("POST", "/comments/<comment>/desk", "moderate")
def take_up(caller: Identity, comment: str) -> ResponseReturnValue:
    """Bring a comment to the desk, where it can be decided on."""
    with services().database.transaction() as session:
        item_id = initiative.take_up(session, services().house, caller, forms.path_id(comment))
    return redirect(f"/queue/{item_id}", 303)
