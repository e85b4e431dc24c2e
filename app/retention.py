"""Forgets letters, one-time tokens and what the erased are known again by, when the house rules say so.

Ids carry their time, so age is a range of ids.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from app import clock, ids
from app.accounts import quarantine
from app.accounts.one_time_tokens import LIFETIME_BY_PURPOSE
from app.db import Database, find_locked
from app.models import Account, Letter, OneTimeToken, Trait
from app.models.account import ERASED
from config.policy import HouseRules

FORGET = "accounts.forget"
FORGET_EVERY = timedelta(days=1)
BATCH_ROWS = 1000


def forget(database: Database, house: HouseRules, _payload: dict[str, Any]) -> None:
    """Job: delete letters that are older than the policy keeps them, and tokens that nobody could use any more.

    What an erased account is known again by goes when nothing can follow from it any more (accounts.quarantine).
    """
    now = clock.now()
    _delete_before(database, Letter, ids.first_at(now - timedelta(days=house.retention.letters_days)))
    _delete_before(database, OneTimeToken, ids.first_at(now - max(LIFETIME_BY_PURPOSE.values())))
    _end_quarantines(database, house)


def _end_quarantines(database: Database, house: HouseRules) -> None:
    kept = select(Trait.account_id).join(Account, Account.id == Trait.account_id).where(Account.state == ERASED)
    with database.reading() as session:
        ids_of_erased = session.scalars(kept.distinct()).all()
    for account_id in ids_of_erased:
        with database.transaction() as session:
            # whoever sanctions the account now either is seen here, or comes when it is too late
            account = find_locked(session, Account, Account.id == account_id)
            if account is not None:
                quarantine.end(session, house, account)


def _delete_before(database: Database, table: type[Letter] | type[OneTimeToken], oldest: int) -> None:
    """A batch per transaction, so that nobody waits for long."""
    while True:
        with database.transaction() as session:
            old = select(table.id).where(table.id < oldest).order_by(table.id)
            batch = session.scalars(old.limit(BATCH_ROWS)).all()
            session.execute(delete(table).where(table.id.in_(batch)))
        if len(batch) < BATCH_ROWS:
            return
