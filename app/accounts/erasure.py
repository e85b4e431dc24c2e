"""Erasing one's own account: the person goes, the conversation stays.

Address, names, log-ins, roles and letters are deleted. Comments stand on under a name that is nobody's; decisions,
statements and sanctions stay as records without a person. Bans and suspensions keep their digests of the mailbox and of
what was paid with, and so it is where a question about the account is open, else erasing would be the way around them.
A subscription is the paper's contract and ends at Stripe, not here.
"""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import ledger
from app.accounts import names, sanctions, standing
from app.accounts.lookalikes import ERASED as TOMBSTONE
from app.models import Account, EarlierName, Letter, Login, OneTimeToken, Role, Trait
from app.models import account as states


def erase(session: Session, account_id: int) -> None:
    """Erase the account, once and for good; its sessions end with it."""
    account = standing.lock(session, account_id)
    mailbox = sanctions.outlive(session, account)
    for table in (Login, OneTimeToken, EarlierName, Letter, Role):
        session.execute(delete(table).where(table.account_id == account_id))
    if not sanctions.is_remembered(session, account_id):
        session.execute(delete(Trait).where(Trait.account_id == account_id))
    _forget(account)
    session.flush()
    names.announce(session, account_id)
    erasure = ledger.Entry(account_id, sanctions.ERASURE, "account", account_id, details={"mailbox": mailbox})
    ledger.append(session, erasure)


def _forget(account: Account) -> None:
    account.state = states.ERASED
    account.email = account.email_token = None
    account.name = TOMBSTONE
    # no name's skeleton has a colon
    account.name_skeleton = f"erased:{account.id}"
    account.name_changed_at = account.name_check = account.verified_at = account.rules_version = None
    account.session_epoch += 1
