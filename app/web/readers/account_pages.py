"""The account page: what one is to us, and every way to change it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import mutes, selves, standing
from app.accounts.identity import Identity
from app.accounts.standing import Restricted, Standing
from app.errors import Refusal
from app.language import _, mark
from app.models import Account, Decision, Sanction, Statement
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.sign_in import joined_accounts, local
from app.stories import sites
from app.web import context, forms, limits
from app.web.endpoint import page
from app.web.readers import account as own_account
from app.web.readers import name_check
from app.web.readers.account import AcceptRules, ChangeName, LeaveOut
from app.web.readers.sign_in import NextPage
from app.web.readers.subscription import right_to_write
from app.web.services import services

SENTENCES = {
    BAN: mark("Your right to comment has been withdrawn for good."),
    SUSPENSION: mark("Your right to comment is suspended."),
    WARNING: mark("You have received a warning."),
}

LEFT_OUT = mark("From the next hour on your reactions are left out.")
COUNTED = mark("From the next hour on your reactions count again.")


class NameForm(msgspec.Struct):
    name: str = ""


class RulesForm(msgspec.Struct):
    rules_version: str = ""
    # the page to go back to
    next: str = "/rules"


class ReactionsForm(msgspec.Struct):
    """`left_out`: the box is ticked."""

    left_out: str = ""


class JoinForm(msgspec.Struct):
    """The account to go on with."""

    email: str = ""
    password: str = ""


class EraseForm(msgspec.Struct):
    password: str = ""
    sure: str = ""


@dataclass(frozen=True)
class Reasons:
    """Why the account may not comment: the statement of reasons, and the warning that waits to be acknowledged."""

    sentence: str
    until: datetime | None
    statement: Statement | None
    warning: int | None


@page("GET", "/account", "use_account", asks=NextPage)
def show_account(caller: Identity, query: NextPage) -> str:
    """One's own account."""
    if query.next:
        context.remember(forms.local(query.next))
    return account_page(caller)


def account_page(caller: Identity, refusal: Refusal | None = None) -> str:
    """The account page; `refusal`: why the password on it was not changed."""
    with services().database.reading() as session:
        account = session.get_one(Account, caller.account_id)
        present = standing.read(session, account.id)
        reasons = None if present.good else _reasons(session, account.id, present)
        right = right_to_write(session, caller) if sites.known(services().database) else None
        name = name_check.of(session, account)
        muted = mutes.listed(session, account.id)
        has_password = local.has_password(session, account.id)
    given = {"account": account, "reasons": reasons, "right": right, "name": name, "muted": muted, "refusal": refusal}
    common_ground = sites.somewhere_asks_who_disagrees(services().database, services().house)
    offered = {"has_password": has_password, "common_ground": common_ground}
    return render_template("readers/account.html", **given, **offered)


@page("POST", "/account/name", "rename", takes=NameForm)
def submit_name(caller: Identity, form: NameForm) -> ResponseReturnValue:
    """Take another display name."""
    return _done(own_account.change_name, caller, _("You have a new name."), body=ChangeName(name=form.name))


@page("POST", "/rules", "use_account", takes=RulesForm)
def submit_rules(caller: Identity, form: RulesForm) -> ResponseReturnValue:
    """Accept the rules."""
    thanks = _("Thank you for keeping to our rules.")
    body = AcceptRules(rules_version=form.rules_version)
    return _done(own_account.accept_rules, caller, thanks, body=body, back=forms.local(form.next))


@page("POST", "/account/reactions", "use_account", takes=ReactionsForm)
def submit_reactions(caller: Identity, form: ReactionsForm) -> ResponseReturnValue:
    """Leave one's reactions out of the search for common ground, or not."""
    own_account.leave_reactions_out(caller, LeaveOut(left_out=bool(form.left_out)))
    flash(_(LEFT_OUT if form.left_out else COUNTED), "good")
    return redirect("/account", 303)


@page("POST", "/account/warnings/<sanction>", "acknowledge")
def submit_acknowledgement(caller: Identity, sanction: str) -> ResponseReturnValue:
    """Say that one has read a warning."""
    own_account.acknowledge_warning(caller, sanction)
    flash(_("Thank you. You can comment again."), "good")
    return redirect(context.way_back("/account"), 303)


@page("POST", "/account/join", "use_account", takes=JoinForm)
def submit_join(caller: Identity, form: JoinForm) -> ResponseReturnValue:
    """Go on with the account that one had before the paper signed one in."""
    try:
        limits.log_in()
        context.require_lately()
        older = local.sign_in(services(), form.email, form.password, context.network())
        with services().database.transaction() as session:
            joined_accounts.join(session, caller.account_id, older)
    except Refusal as refusal:
        return account_page(caller, refusal), refusal.status
    context.sign_in(older, secrets.token_urlsafe(16))
    flash(_("From now on the paper signs you in to this account."), "good")
    return redirect("/account", 303)


@page("GET", "/account/data", "use_account")
def show_data(caller: Identity) -> ResponseReturnValue:
    """One's data, as a file."""
    return own_account.download_data(caller)  # type: ignore[no-any-return]


@page("GET", "/account/erase", "use_account")
def show_erase(caller: Identity) -> str:
    """What erasing means, and the form to do it with."""
    return _erase_page(caller)


@page("POST", "/account/erase", "use_account", takes=EraseForm)
def submit_erase(caller: Identity, form: EraseForm) -> ResponseReturnValue:
    """Erase the account."""
    try:
        own_account.erase(caller, form.password, sure=bool(form.sure))
    except Refusal as refusal:
        return _erase_page(caller, refusal), refusal.status
    context.sign_out()
    flash(_("Your account is erased."), "good")
    return redirect("/", 303)


def _erase_page(caller: Identity, refusal: Refusal | None = None) -> str:
    with services().database.reading() as session:
        has_password = local.has_password(session, caller.account_id)
    days = services().house.retention.quarantine_days
    return render_template("readers/erase.html", days=days, refusal=refusal, has_password=has_password)


def _done(act: Any, caller: Identity, thanks: str, *, body: Any, back: str = "/account") -> ResponseReturnValue:
    try:
        act(caller, body)
    except Restricted:
        raise
    except Refusal as refusal:
        flash(refusal.detail(), "bad")
    else:
        flash(thanks, "good")
    return redirect(back, 303)


def _reasons(session: Session, account_id: int, present: Standing) -> Reasons:
    addressed = Statement.account_id.in_(selves.of_mailbox(account_id))
    statement = session.scalars(
        select(Statement)
        .join(Decision, Decision.statement_id == Statement.id)
        .where(Decision.id == present.decision_id, addressed)
    ).first()
    warning = None
    if present.kind == WARNING:
        warning = session.scalars(
            select(Sanction.id).where(
                Sanction.decision_id == present.decision_id,
                Sanction.kind == WARNING,
            )
        ).first()
    return Reasons(_(SENTENCES[present.kind]), present.until, statement, warning)
