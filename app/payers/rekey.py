"""Exchanging the key of payment identities: what was known under an old key becomes known under the new one too.

The fingerprints themselves are kept by Stripe alone, so it is asked again for what our payers pay with. A capture
writes a row for every key in use with one moment on all of them: a row of an old key that has no sister of the same
moment under the new one was not seen again. Once no ban needs such a row, nor could one that is still to come, the old
key may go.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from app import clock
from app.accounts import selves
from app.gateway import customers, instruments
from app.installation import Installation
from app.models import Account, Customer, Sanction, Trait
from app.models.account import ERASED
from app.models.sanction import BAN, SUSPENSION, is_in_force
from app.models.trait import PAID_WITH
from app.payers import identities
from config.settings import Settings


def rekey(it: Installation, advance: Callable[[int], None]) -> int:
    """Ask Stripe for the payers who are known under an old key alone, and capture what they pay with anew.

    `advance` hears how many customers were asked for. Returns how many; may be interrupted and begun again, since what
    is done already is not asked for. Raises StripeUnavailable.
    """
    asked, last = 0, ""
    while True:
        with it.database.reading() as session:
            found = session.execute(_next(it.settings, last)).first()
        if found is None:
            return asked
        last, account_id = found
        assert account_id is not None
        customer = customers.retrieve(it.stripe, last)
        seen = instruments.of_payments(it.stripe, last) if customer else []
        seen += instruments.of_customer(it.stripe, customer) if customer else []
        with it.database.transaction() as session:
            identities.capture(session, it.settings, it.house, account_id, seen)
        asked += 1
        advance(asked)


def needed(session: Session, settings: Settings) -> dict[str, int]:
    """For each key that ever wrote, how many rows that a ban or suspension may hang on are known under it alone.

    Such are those of readers who are under one now, by any account of their mailbox, and of erased accounts: what is
    kept of these (accounts.quarantine) is kept for a ban that may still come.
    """
    alone = func.count(1).filter(_alone(settings), or_(_restricted(), _erased()))
    counted = select(Trait.key_id, alone).where(Trait.kind.in_(PAID_WITH)).group_by(Trait.key_id)
    return dict(session.execute(counted.order_by(Trait.key_id)).all())


def _restricted() -> ColumnElement[bool]:
    mine, theirs = aliased(Trait), aliased(Trait)
    under = select(Sanction.account_id).where(Sanction.kind.in_((BAN, SUSPENSION)), is_in_force(clock.now()))
    same = select(theirs.account_id).join(mine, selves.surely(mine, theirs))
    return Trait.account_id.in_(union(under, same.where(mine.account_id.in_(under))))


def _erased() -> ColumnElement[bool]:
    return Trait.account_id.in_(select(Account.id).where(Account.state == ERASED))


def _next(settings: Settings, after: str) -> Select[str, int | None]:
    """The next customer whose account has a row that the first key does not know, with that account."""
    behind = exists().where(Trait.account_id == Customer.account_id, _alone(settings))
    living = select(Customer.id, Customer.account_id).where(Customer.id > after, Customer.deleted.is_(False), behind)
    return living.order_by(Customer.id).limit(1)


def _alone(settings: Settings) -> ColumnElement[bool]:
    first = settings.identity_keys[0].id
    sister = aliased(Trait)
    same_capture = exists().where(
        sister.account_id == Trait.account_id,
        sister.kind == Trait.kind,
        sister.key_id == first,
        sister.last_seen_at == Trait.last_seen_at,
    )
    return Trait.kind.in_(PAID_WITH) & (Trait.key_id != first) & ~same_capture
