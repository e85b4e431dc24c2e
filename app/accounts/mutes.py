"""Readers whom one does not want to read, for oneself: what they write is folded, and nobody else learns of it."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.db import insert_once
from app.errors import Conflict, NotFound
from app.language import mark
from app.models import Account, Mute
from app.models.account import ACTIVE

MOST = 500


def mute(session: Session, account_id: int, muted_id: int) -> None:
    """Read `muted_id` no more; a second time changes nothing.

    Raises SignInRequired, NotFound for nobody, Conflict for oneself ("own_account") and for more than MOST
    ("too_many_muted").
    """
    standing.lock(session, account_id)
    if account_id == muted_id:
        raise Conflict("own_account", mark("You cannot mute yourself."))
    muted = session.get(Account, muted_id)
    if muted is None or muted.state != ACTIVE:
        raise NotFound
    others = select(func.count()).where(Mute.account_id == account_id, Mute.muted_id != muted_id)
    if (session.scalar(others) or 0) >= MOST:
        sentence = mark("You have muted %(most)s readers, which is all there is room for.")
        raise Conflict("too_many_muted", sentence, most=MOST)
    insert_once(session, Mute, account_id=account_id, muted_id=muted_id, created_at=clock.now())


def unmute(session: Session, account_id: int, muted_id: int) -> None:
    """Read `muted_id` again, whoever that is."""
    session.execute(delete(Mute).where(Mute.account_id == account_id, Mute.muted_id == muted_id))


def listed(session: Session, account_id: int) -> list[Account]:
    """Whom the account has muted, by name. One statement."""
    muted = select(Account).join(Mute, Mute.muted_id == Account.id).where(Mute.account_id == account_id)
    return list(session.scalars(muted.order_by(Account.name, Account.id)))
