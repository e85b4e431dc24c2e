"""Sanctions: imposed and lifted by recorded decisions, never deleted. What they amount to is accounts.standing."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app import clock
from app.errors import NotFound
from app.ids import new_id
from app.models import Account, BannedToken, Sanction
from app.models.account import ERASED
from app.models.sanction import BAN, SUSPENSION, WARNING

EMAIL = "email"


def impose(
    session: Session, account: Account, kind: str, source: str, decision_id: int, ends_at: datetime | None = None
) -> Sanction:
    """Put a sanction in force on `account` (locked by the caller), from now until `ends_at`.

    A ban ends every session and token at once, and holds on to the mailbox, so that it outlives the account. On an
    account that is erased, a suspension holds on to it too.
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
    if kind == BAN or (kind == SUSPENSION and account.state == ERASED):
        _hold(session, account, sanction)
    return sanction


def outlive(session: Session, account: Account) -> None:
    """Let the suspensions of `account` (locked, about to be erased) hold on to its mailbox until they end."""
    mine = select(Sanction).where(Sanction.account_id == account.id, Sanction.kind == SUSPENSION)
    for sanction in session.scalars(mine.where(Sanction.lifted_at.is_(None), Sanction.ends_at > clock.now())):
        _hold(session, account, sanction)


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


def is_held_mailbox(session: Session, email_token: str) -> bool:
    """Whether a sanction in force holds on to this mailbox, whether or not its account is still there."""
    held = (
        select(BannedToken.id)
        .join(Sanction, Sanction.id == BannedToken.sanction_id)
        .where(BannedToken.token == email_token, BannedToken.kind == EMAIL, Sanction.lifted_at.is_(None))
        .where((Sanction.ends_at.is_(None)) | (Sanction.ends_at > clock.now()))
    )
    return bool(session.scalar(select(exists(held))))


def _hold(session: Session, account: Account, sanction: Sanction) -> None:
    """Keep new accounts from the mailbox of `account`; once it is erased, from those that earlier sanctions held."""
    earlier = select(BannedToken.token).join(Sanction, Sanction.id == BannedToken.sanction_id)
    held = session.scalars(earlier.where(Sanction.account_id == account.id).distinct())
    for token in [account.email_token] if account.email_token else held.all():
        session.add(BannedToken(id=new_id(), kind=EMAIL, token=token, sanction_id=sanction.id))
    session.flush()
