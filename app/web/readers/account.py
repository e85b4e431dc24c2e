"""What a program may do with its own account: rename, accept rules, download, erase."""

from typing import Any

from flask import Response, stream_with_context

from app.accounts import download, erasure, names, sanctions, standing
from app.accounts.identity import Identity
from app.common_ground import voters
from app.errors import Refusal, Refusals
from app.language import mark
from app.sign_in import local, sign_up
from app.web import context, limits
from app.web.endpoint import endpoint, refuses
from app.web.forms import Body, path_id
from app.web.readers.sign_up import score_name
from app.web.services import services


class ChangeName(Body):
    """The display name that is wanted."""

    name: str


class AcceptRules(Body):
    """The version of the rules that was read: the present one."""

    rules_version: str


class LeaveOut(Body):
    """Whether one's reactions are to be left out."""

    left_out: bool


class Erase(Body):
    """The password of the account; empty, if it has none and its reader has signed in just now."""

    password: str


@endpoint("PUT", "/api/v1/me/name", "rename", takes=ChangeName, gives={204: None})
@refuses("name_change_too_soon", "name_characters", "name_length", "name_reserved", "name_taken", "name_unsuitable")
def change_name(caller: Identity, body: ChangeName) -> None:
    """Take another display name, once in a while.

    From one change to the next lie {limits.name_change_days} days.
    """
    limits.rename(caller.account_id)
    with services().database.reading() as session:
        names.ask(session, services().house, caller.account_id, body.name)
    scored = score_name(body.name)
    with services().database.transaction() as session:
        names.change(session, services().house, caller.account_id, body.name, scored)


@endpoint("PUT", "/api/v1/me/rules", "use_account", takes=AcceptRules, gives={204: None})
@refuses("rules_outdated")
def accept_rules(caller: Identity, body: AcceptRules) -> None:
    """Accept the rules in their present version."""
    with services().database.transaction() as session:
        sign_up.accept_rules(session, services().house, caller.account_id, body.rules_version)


@endpoint("PUT", "/api/v1/me/reactions", "use_account", takes=LeaveOut, gives={204: None})
def leave_reactions_out(caller: Identity, body: LeaveOut) -> None:
    """Leave one's reactions out of the search for common ground, or have them count again."""
    with services().database.transaction() as session:
        voters.leave_out(session, caller.account_id, left_out=body.left_out)


@endpoint("POST", "/api/v1/me/warnings/<sanction>/acknowledgement", "acknowledge", gives={204: None})
def acknowledge_warning(caller: Identity, sanction: str) -> None:
    """Say that one has read a warning; commenting goes on from there."""
    sanction_id = path_id(sanction)
    with services().database.transaction() as session:
        sanctions.acknowledge(session, standing.lock(session, caller.account_id), sanction_id)


@endpoint("GET", "/api/v1/me/data", "use_account", gives={200: dict[str, Any]})
def download_data(caller: Identity) -> Response:
    """Everything that is held on the caller, as one JSON document."""
    pieces = download.pieces(services().database, caller.account_id)
    answer = Response(stream_with_context(pieces), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@endpoint("DELETE", "/api/v1/me", "use_account", takes=Erase, gives={204: None})
@refuses("wrong_password", "sign_in_again")
def erase_account(caller: Identity, body: Erase) -> None:
    """Erase one's account for good. Comments stay, under nobody's name."""
    erase(caller, body.password)


def erase(caller: Identity, password: str, *, sure: bool = True) -> None:
    """Erase the account of `caller`, if that is their password, or they have none and signed in just now, and they are
    sure.
    """
    limits.log_in()
    refusals = Refusals()
    with services().database.reading() as session:
        has_password = local.has_password(session, caller.account_id)
    if has_password:
        refusals.of(lambda: local.require_password(services(), caller.account_id, password))
    else:
        context.require_lately()
    if not sure:
        refusals.add(Refusal("not_sure", mark("Please tick the box to say that you are sure."), field="sure"))
    refusals.tell()
    with services().database.transaction() as session:
        erasure.erase(session, caller.account_id)
