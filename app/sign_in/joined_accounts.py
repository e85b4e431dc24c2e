"""Whoever had an account here before the paper signed them in goes on with that one.

They have both: they were signed in by the paper just now, and know the password of the older account. So nobody need be
asked. The log-in leads to the older account from then on, with the customer that came by it; what was written under the
newer one stays there. Both are one person's for good (accounts.selves), whatever is decided about either.
"""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from app import ledger
from app.accounts.identity import Identity
from app.billing import links
from app.db import find_locked
from app.errors import Conflict, Forbidden
from app.language import mark
from app.models import Account, Login, PaperEntitlement, Role, Trait
from app.models.account import ACTIVE
from app.models.trait import CUSTOMER, LOGIN
from app.payers import mailboxes
from app.sign_in.foreign_accounts import STAFF
from app.sign_in.foreign_log_in import SSO
from app.sign_in.oidc import OIDC

NOTHING = mark("There is no other account to go on with.")


def join(session: Session, newer_id: int, older: Identity) -> None:
    """Let the log-ins elsewhere of an account lead to `older`, whose password was given. The newer one's sessions end.

    Raises Forbidden (403, "staff") if somebody works here under either, Conflict where there is nothing to join. Call
    it before anything is locked.
    """
    handed = links.announce_hand_over(session, newer_id)
    both = sorted({newer_id, older.account_id})
    accounts = [find_locked(session, Account, Account.id == each, Account.state == ACTIVE) for each in both]
    if len(both) < 2 or None in accounts:
        raise Conflict("nothing_to_join", NOTHING)
    if session.scalar(select(exists().where(Role.account_id.in_(both)))):
        raise Forbidden("staff", STAFF)
    # an author of an old system, whom the account has turned out to be, is no way in
    elsewhere = update(Login).where(Login.account_id == newer_id, Login.provider.in_((SSO, OIDC)))
    if not session.scalars(elsewhere.values(account_id=older.account_id).returning(Login.id)).all():
        raise Conflict("nothing_to_join", NOTHING)
    known_by = Trait.account_id == newer_id, Trait.kind.in_((LOGIN, CUSTOMER))
    for token, kind in session.execute(select(Trait.token, Trait.kind).where(*known_by)).all():
        mailboxes.remember(session, older.account_id, kind, token)
    links.hand_over(session, handed, older.account_id)
    session.execute(delete(PaperEntitlement).where(PaperEntitlement.account_id == newer_id))
    session.execute(update(Account).where(Account.id == newer_id).values(session_epoch=Account.session_epoch + 1))
    ledger.append(session, ledger.Entry(older.account_id, "account.join", "account", newer_id))
