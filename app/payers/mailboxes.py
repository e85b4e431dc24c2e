"""The mailbox that an account has proven to have: the first trait that its owner is known again by.

What an account did that never proved it is not held against whoever has that mailbox.
"""

import hashlib

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, old_authors
from app.db import insert_once, lock_names
from app.digests import digest
from app.models import Account, Trait
from app.models.account import ACTIVE, ERASED, IMPORT
from app.models.trait import ALIKE, MAILBOX, SURE, TOLD_MAILBOX
from app.payers import returns
from config.identity_keys import DERIVED
from config.policy import HouseRules
from config.settings import Settings


def token(settings: Settings, email: str) -> str:
    """What a mailbox is known again by, in whatever spelling."""
    return digest(settings, MAILBOX, emails.mailbox(email))


def token_of_sha1(settings: Settings, sha1: str) -> str:
    """The same of a mailbox of which an old system kept nothing but the SHA-1 of its address, in hexadecimal."""
    return digest(settings, f"{MAILBOX}-sha1", sha1)


def owner(session: Session, value: str) -> Account | None:
    """The account that has shown that the mailbox of the token `value` is its reader's, if one has; else one that did
    and is erased, as long as it is known again.
    """
    proven = or_(and_(Account.state == ACTIVE, Account.verified_at.is_not(None)), Account.state == ERASED)
    theirs = select(Account).join(Trait, Trait.account_id == Account.id).where(Trait.token == value, proven)
    # last, what is left of an author whom a reader turned out to be
    nearest = theirs.where(Trait.kind == MAILBOX).order_by(Account.state == ERASED, Account.origin == IMPORT)
    return session.scalars(nearest.limit(1)).first()


def prove(session: Session, settings: Settings, house: HouseRules, account: Account) -> None:
    """Whoever has `account` (locked) has read a letter to its address: what an old system knew as theirs is theirs.

    Ask whether they are a banned reader whose address is much like it.
    """
    account.verified_at = account.verified_at or clock.now()
    account.mail_refused_at = None
    if account.email is not None:
        own, alike = token(settings, account.email), digest(settings, ALIKE, emails.alike(account.email))
        old = {token_of_sha1(settings, _sha1(spelt)) for spelt in (account.email, account.email.lower())}
        # whoever imports meanwhile finds this account, or is found
        lock_names(session, {own, alike, *old})
        for known in {own, *old}:
            remember(session, account.id, MAILBOX, known)
        remember(session, account.id, ALIKE, alike)
        old_authors.take_over(session, account, {own, *old})
        returns.seek(session, house, account.id, {alike})


def be_told(session: Session, settings: Settings, house: HouseRules, account: Account, email: str) -> None:
    """Somebody says that `account` (locked) has the mailbox of `email`, which nobody has confirmed: ask whether they
    are a banned reader who has it, or one whose address is much like it. Of who is restricted it is not believed, as
    they could accuse its owner; nor is what it is like kept, which would be asked of its owner one day.
    """
    value, alike = token(settings, email), digest(settings, ALIKE, emails.alike(email))
    if session.get(Trait, (value, account.id)) is not None or returns.is_restricted(session, account.id):
        return
    remember(session, account.id, TOLD_MAILBOX, value)
    lock_names(session, {value, alike})
    returns.seek(session, house, account.id, {value, alike}, given_now=True)


def share(session: Session, account_id: int, other_id: int) -> None:
    """Both accounts are one person's for good: let the other be known by all that surely says who has the first."""
    for known in session.scalars(select(Trait).where(Trait.account_id == account_id, Trait.kind.in_(SURE))).all():
        seen = {"first_seen_at": known.first_seen_at, "last_seen_at": known.last_seen_at}
        insert_once(
            session, Trait, token=known.token, account_id=other_id, kind=known.kind, key_id=known.key_id, **seen
        )


def _sha1(email: str) -> str:
    return hashlib.sha1(email.encode(), usedforsecurity=False).hexdigest()


def remember(session: Session, account_id: int, kind: str, value: str) -> None:
    """Keep a token by which an account's mailbox is known again; `kind` as in models.trait."""
    seen = {"first_seen_at": clock.now(), "last_seen_at": clock.now()}
    insert_once(session, Trait, token=value, account_id=account_id, kind=kind, key_id=DERIVED, **seen)
