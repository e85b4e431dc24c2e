"""Sanctions: imposed and lifted by recorded decisions, never deleted. What they amount to is accounts.standing.

A sanction is a row of one account and counts for the person (accounts.selves), so that nothing has to be carried from
an erased account to the one that its owner makes next.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import selves
from app.errors import NotFound
from app.ids import new_id
from app.models import Account, Decision, Sanction, Trait
from app.models.sanction import BAN, SUSPENSION, WARNING, is_in_force
from app.models.trait import MAILBOX
from app.models.webhook import READER_BANNED
from app.webhooks import events


def impose(
    session: Session, account: Account, kind: str, source: str, decision_id: int, ends_at: datetime | None = None
) -> Sanction:
    """Put a sanction in force on `account` (locked by the caller), from now until `ends_at` (UTC; None: for good).

    `kind` and `source` are those of models.sanction. A ban ends every session and token of the person at once.
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
        _ban(session, sanction)
    return sanction


def lift(session: Session, sanction: Sanction, decision_id: int) -> None:
    """End `sanction` (its account locked by the caller) by a moderator's recorded decision; once."""
    if sanction.lifted_at is None:
        sanction.lifted_at, sanction.lifted_by = clock.now(), decision_id
        session.flush()


def restore(session: Session, sanction: Sanction) -> None:
    """Put `sanction` in force again (its account locked by the caller): the decision that lifted it was undone."""
    sanction.lifted_at = sanction.lifted_by = None
    session.flush()
    if sanction.kind == BAN:
        _ban(session, sanction)


def acknowledge(session: Session, account: Account, sanction_id: int) -> None:
    """The reader has read a warning of their own; a second time changes nothing. Raises NotFound."""
    mine = Sanction.account_id.in_(select(selves.of(account.id).c.id))
    own = (Sanction.id == sanction_id) & (Sanction.kind == WARNING)
    if session.scalar(select(Sanction.id).where(own, mine)) is None:
        raise NotFound
    session.execute(update(Sanction).where(own, Sanction.acknowledged_at.is_(None)).values(acknowledged_at=clock.now()))


def on_mailbox(session: Session, token: str) -> Sanction | None:
    """The ban, or else the suspension, in force that keeps new accounts from a mailbox, by the token of its trait."""
    theirs = (
        select(Sanction)
        .join(Trait, Trait.account_id == Sanction.account_id)
        .where(Trait.token == token, Trait.kind == MAILBOX, Sanction.kind.in_((BAN, SUSPENSION)))
    )
    in_force = session.scalars(theirs.where(is_in_force(clock.now())))
    return max(in_force, key=lambda sanction: (sanction.kind == BAN, sanction.id), default=None)


def _ban(session: Session, sanction: Sanction) -> None:
    """What follows at once; the systems of the newspaper that decided are told."""
    _end_sessions(session, sanction.account_id)
    decision = session.get_one(Decision, sanction.decision_id)
    events.record(session, decision.site_id, READER_BANNED, sanction.account_id)


def _end_sessions(session: Session, account_id: int) -> None:
    """Of every account of the person, in the order in which accounts are locked."""
    theirs = select(Account).where(Account.id.in_(selves.of_mailbox(account_id))).order_by(Account.id)
    locked = theirs.with_for_update(key_share=True).execution_options(populate_existing=True)
    for account in session.scalars(locked).all():
        account.session_epoch += 1
    session.flush()
