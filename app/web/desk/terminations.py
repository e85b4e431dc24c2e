"""Proposing to end a banned reader's subscription, by program and by form. Deciding on it is the desk's business."""

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.errors import NotFound
from app.language import _
from app.terminations import approval, proposals
from app.terminations.approval import ProposedEnd
from app.web import forms
from app.web.desk import termination_views
from app.web.desk.termination_views import Terminations, TerminationView
from app.web.endpoint import endpoint, page, refuses
from app.web.forms import Body
from app.web.services import services


class ProposeTermination(Body):
    """`method` is "at_period_end" or "now_with_refund"; the reason is for the staff."""

    subscription: str
    method: str
    reason: str


class ProposeByForm(msgspec.Struct):
    """The same by form, where the button is the method."""

    subscription: str
    method: str
    reason: str = ""


@endpoint("GET", "/api/v1/accounts/<account>/terminations", "moderate", gives={200: Terminations})
def list_terminations(caller: Identity, account: str) -> Terminations:
    """What a banned reader subscribes to and what was proposed about it, for moderators of where they were banned."""
    with services().database.reading() as session:
        found = proposals.overview(session, caller, forms.path_id(account))
    if found is None:
        raise NotFound
    return termination_views.overview(found)


@endpoint(
    "POST",
    "/api/v1/accounts/<account>/terminations",
    "moderate",
    takes=ProposeTermination,
    gives={201: TerminationView},
)
@refuses(
    "own_case",
    "outranked",
    "no_ban",
    "subscription_over",
    "ends_already",
    "already_proposed",
    "unknown_method",
    "reason_required",
    "reason_too_long",
)
def propose_termination(caller: Identity, body: ProposeTermination, account: str) -> tuple[TerminationView, int]:
    """Ask a second moderator to end a subscription. Nothing happens to it before one approves."""
    end = ProposedEnd(forms.path_id(account), body.subscription, body.method, body.reason)
    with services().database.transaction() as session:
        made = approval.propose(session, services().house, caller, end)
        return termination_views.one(proposals.one(session, made.id)), 201


@page("POST", "/readers/<account>/terminations", "moderate", takes=ProposeByForm)
def propose_by_form(caller: Identity, form: ProposeByForm, account: str) -> ResponseReturnValue:
    """The same from a reader's record."""
    account_id = forms.path_id(account)
    end = ProposedEnd(account_id, form.subscription, form.method, form.reason)
    with services().database.transaction() as session:
        approval.propose(session, services().house, caller, end)
    flash(_("Proposed. It waits in the queue for another moderator; until then nothing changes."), "good")
    return redirect(f"/readers/{account_id}", 303)
