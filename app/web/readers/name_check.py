"""What readers are told of the check of their own name, and how they ask for an exception from it."""

from dataclasses import dataclass

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.accounts.standing import Restricted
from app.errors import Refusal
from app.language import _, mark
from app.models import Account
from app.models.account import AGREED, EXCEPTION, MATCH, MISMATCH
from app.models.payment_case import DISMISSED, OPEN
from app.payers import name_checks
from app.web.endpoint import page
from app.web.services import services

SENTENCES = {
    None: mark("Your name has not been compared with the one you pay under yet. That is done with each payment."),
    MATCH: mark("Your name agrees with the one you pay under. We keep only that it does, not the other name."),
    MISMATCH: mark("Your name is not the one you pay under. We keep only that they differ, not the other name."),
    EXCEPTION: mark("A moderator has allowed your name, although it is not the one you pay under."),
}
ASKED = {
    OPEN: mark("You have asked for an exception. A moderator will decide."),
    DISMISSED: mark("You have asked for an exception, and a moderator has decided against it."),
}


@dataclass(frozen=True)
class NameCheck:
    """What a reader is told of the check of their name: `asked` of the exception that they asked for, if they did."""

    agreed: bool
    sentence: str
    asked: str | None
    may_ask: bool


def of(session: Session, account: Account) -> NameCheck | None:
    """What the owner of `account` is told; None where no newspaper has names compared."""
    if name_checks.site_that_asks(session, services().house) is None:
        return None
    agreed = account.name_check in AGREED
    outcome = None if agreed else name_checks.asked(session, account)
    asked = _(ASKED[outcome]) if outcome in ASKED else None
    return NameCheck(agreed, _(SENTENCES[account.name_check]), asked, may_ask=not agreed and asked is None)


@page("POST", "/account/name/exception", "rename")
def submit_exception(caller: Identity) -> ResponseReturnValue:
    """Ask a moderator to allow a name that is not the one its bearer pays under."""
    try:
        with services().database.transaction() as session:
            name_checks.ask_for_exception(session, services().house, caller.account_id)
    except Restricted:
        raise
    except Refusal as refusal:
        flash(refusal.detail(), "bad")
    else:
        flash(_("A moderator will decide on it."), "good")
    return redirect("/account#name", 303)
