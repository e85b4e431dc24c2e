"""Sanctions: imposed and lifted by recorded decisions, never deleted. What they amount to is accounts.standing."""

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.errors import NotFound
from app.ids import new_id
from app.models import Account, BannedToken, Item, LedgerEntry, Sanction
from app.models.account import ERASED
from app.models.item import OPEN
from app.models.sanction import BAN, SUSPENSION, WARNING, is_in_force

EMAIL = "email"
# what the ledger calls the end of an account
ERASURE = "account.erase"


def impose(
    session: Session, account: Account, kind: str, source: str, decision_id: int, ends_at: datetime | None = None
) -> Sanction:
    """Put a sanction in force on `account` (locked by the caller), from now until `ends_at` (UTC; None: for good).

    `kind` and `source` are those of models.sanction.

    A ban ends every session and token at once, and bans the mailbox, so that it outlives the account. What is decided
    after the account was erased bans the mailbox that it left, and reaches the account that has it now.
    """
    sanction = Sanction(
        id=new_id(),
        account_id=account.id,
        kind=kind,
        source=source,
        decision_id=decision_id,
        starts_at=clock.now(),
        ends_at=ends_at,
    )
    session.add(sanction)
    session.flush()
    if kind == BAN:
        account.session_epoch += 1
        if account.email_token is not None:
            _ban_mailbox(session, account.email_token, sanction)
    if account.state == ERASED and kind != WARNING:
        for left in _mailbox_left_by(session, account.id):
            _ban_mailbox(session, left, sanction)
            now = select(Account).where(Account.email_token == left).with_for_update(key_share=True)
            for successor in session.scalars(now.execution_options(populate_existing=True)):
                impose(session, successor, kind, source, decision_id, ends_at)
    return sanction


def outlive(session: Session, account: Account) -> str | None:
    """Let the suspensions of `account` (locked, about to be erased) keep its mailbox banned until they end.

    Returns the digest of the mailbox if a question about the account is open, whose answer may have to find it.
    """
    mailbox = account.email_token
    if mailbox is None:
        return None
    mine = select(Sanction).where(Sanction.account_id == account.id, Sanction.kind == SUSPENSION)
    for sanction in session.scalars(mine.where(Sanction.lifted_at.is_(None), Sanction.ends_at > clock.now())):
        _ban_mailbox(session, mailbox, sanction)
    asked = exists().where(Item.account_id == account.id, Item.state == OPEN)
    return mailbox if session.scalar(select(asked)) else None


def is_remembered(session: Session, account_id: int) -> bool:
    """Whether an account must be known again though it is erased: a sanction keeps it from writing, or a question
    about it is open whose answer may."""
    restricted = select(Sanction.id).where(
        Sanction.account_id == account_id,
        Sanction.kind.in_((BAN, SUSPENSION)),
        is_in_force(clock.now()),
    )
    asked = select(Item.id).where(Item.account_id == account_id, Item.state == OPEN)
    return bool(session.scalar(select(or_(restricted.exists(), asked.exists()))))


def lift(session: Session, sanction: Sanction, decision_id: int) -> None:
    """End `sanction` (its account locked by the caller) by a moderator's recorded decision; once."""
    if sanction.lifted_at is None:
        sanction.lifted_at, sanction.lifted_by = clock.now(), decision_id
        session.flush()


def restore(session: Session, account: Account, sanction: Sanction) -> None:
    """Put `sanction` in force again (its `account` locked by the caller): the decision that lifted it was undone."""
    sanction.lifted_at = sanction.lifted_by = None
    if sanction.kind == BAN:
        account.session_epoch += 1
    session.flush()


def acknowledge(session: Session, account: Account, sanction_id: int) -> None:
    """The reader has read a warning of their own; a second time changes nothing. Raises NotFound."""
    mine = (Sanction.id == sanction_id) & (Sanction.account_id == account.id) & (Sanction.kind == WARNING)
    if session.scalar(select(Sanction.id).where(mine)) is None:
        raise NotFound
    session.execute(
        update(Sanction).where(mine, Sanction.acknowledged_at.is_(None)).values(acknowledged_at=clock.now())
    )


def is_banned_mailbox(session: Session, email_token: str) -> bool:
    """Whether a sanction in force keeps new accounts from this mailbox, whether or not its account is still there."""
    banned = (
        select(BannedToken.id)
        .join(Sanction, Sanction.id == BannedToken.sanction_id)
        .where(BannedToken.token == email_token, BannedToken.kind == EMAIL, is_in_force(clock.now()))
    )
    return bool(session.scalar(select(exists(banned))))


def _ban_mailbox(session: Session, mailbox: str, sanction: Sanction) -> None:
    """Keep new accounts from a mailbox for as long as `sanction` is in force."""
    session.add(BannedToken(id=new_id(), kind=EMAIL, token=mailbox, sanction_id=sanction.id))
    session.flush()


def _mailbox_left_by(session: Session, account_id: int) -> list[str]:
    """The digest that the ledger has from the erasure of an account, if its answer was still owed."""
    erased = select(LedgerEntry.details).where(
        LedgerEntry.subject_type == "account",
        LedgerEntry.subject_id == account_id,
        LedgerEntry.action == ERASURE,
    )
    return [details["mailbox"] for details in session.scalars(erased) if details.get("mailbox")]
