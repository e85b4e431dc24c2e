"""Authors of an old system who turn out to be readers of ours: what they wrote is theirs again.

An imported author is an account that nobody can log in to, known by the mailbox that the old system had confirmed, if
it had. Whoever proves that mailbox here gets what was written; nobody gets a role, and what was decided about the
author stays about the same person, since accounts of one mailbox are (accounts.selves). An address that anybody could
type there proves nothing and was not kept.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import ledger
from app.accounts import belongings, erasure, names
from app.db import find_locked
from app.models import Account, Trait
from app.models.account import ACTIVE, IMPORT
from app.models.trait import MAILBOX


def take_over(session: Session, account: Account, tokens: Collection[str]) -> None:
    """Give `account` (locked) what was written by the authors who are known by one of the tokens of its mailbox, now
    and by later imports.

    What is left of an author is an erased account: its name is free again, and its trait stays as long as `account`
    (accounts.quarantine).
    """
    theirs = select(Account.id).join(Trait, Trait.account_id == Account.id)
    known = (Trait.token.in_(tokens), Trait.kind == MAILBOX, Account.origin == IMPORT, Account.state == ACTIVE)
    for author_id in session.scalars(theirs.where(*known).distinct().order_by(Account.id)).all():
        author = find_locked(session, Account, Account.id == author_id)
        if author is not None and author.state == ACTIVE:
            belongings.move(session, author, account)
            erasure.clear(session, author)
            names.announce(session, account.id)
            ledger.append(session, ledger.Entry(account.id, "account.take_over", "account", author_id))
