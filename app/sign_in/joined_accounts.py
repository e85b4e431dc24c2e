"""Whoever had an account here before the paper signed them in goes on with that one.

They have both: they were signed in by the paper just now, and know the password of the older account. So nobody need be
asked. The log-in leads to the older account from then on, with the customer that came by it and all that was written
under the newer one, of which nothing is left that names somebody. Both are one person's for good (accounts.selves):
what was decided about the newer account holds for the older.
"""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import ledger
from app.accounts import belongings, erasure, names
from app.accounts.identity import Identity
from app.billing import links
from app.db import find_locked
from app.errors import Conflict, Forbidden
from app.language import mark
from app.models import Account, Login, Role
from app.models.account import ACTIVE
from app.payers import mailboxes
from app.sign_in.foreign_accounts import STAFF
from app.sign_in.foreign_log_in import SSO
from app.sign_in.oidc import OIDC

NOTHING = mark("There is no other account to go on with.")


def join(session: Session, newer_id: int, older: Identity) -> None:
    """Let the log-ins elsewhere of an account lead to `older`, whose password was given, and end the newer one.

    Raises Forbidden (403, "staff") if somebody works here under either, Conflict where there is nothing to join. Call
    it before anything is locked.
    """
    handed = links.announce_hand_over(session, newer_id)
    both = sorted({newer_id, older.account_id})
    accounts = {each: find_locked(session, Account, Account.id == each, Account.state == ACTIVE) for each in both}
    newer, account = accounts[newer_id], accounts[older.account_id]
    if len(both) < 2 or newer is None or account is None:
        raise Conflict("nothing_to_join", NOTHING)
    if session.scalar(select(exists().where(Role.account_id.in_(both)))):
        raise Forbidden("staff", STAFF)
    # an author of an old system, whom the account has turned out to be, is no way in
    elsewhere = exists().where(Login.account_id == newer_id, Login.provider.in_((SSO, OIDC)))
    if not session.scalar(select(elsewhere)):
        raise Conflict("nothing_to_join", NOTHING)
    mailboxes.share(session, newer_id, account.id)
    links.hand_over(session, handed, account.id)
    belongings.move(session, newer, account)
    erasure.clear(session, newer)
    names.announce(session, account.id)
    ledger.append(session, ledger.Entry(account.id, "account.join", "account", newer_id))
