"""Forgets letters and one-time tokens when the house rules say so. Ids carry their time, so age is a range of ids."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from app import clock, ids
from app.accounts.one_time import LIFETIME
from app.db import Database
from app.models import Letter, OneTimeToken
from config.policy import Policy

FORGET = "accounts.forget"
EVERY = timedelta(days=1)
BATCH = 1000


def forget(database: Database, policy: Policy, _payload: dict[str, Any]) -> None:
    """Job: delete letters that are older than the policy keeps them, and tokens that nobody could use any more."""
    now = clock.now()
    _delete_before(database, Letter, ids.first_at(now - timedelta(days=policy.retention.letters_days)))
    _delete_before(database, OneTimeToken, ids.first_at(now - max(LIFETIME.values())))


def _delete_before(database: Database, table: type[Letter] | type[OneTimeToken], oldest: int) -> None:
    """A batch per transaction, so that nobody waits for long."""
    while True:
        with database.transaction() as session:
            batch = session.scalars(select(table.id).where(table.id < oldest).order_by(table.id).limit(BATCH)).all()
            session.execute(delete(table).where(table.id.in_(batch)))
        if len(batch) < BATCH:
            return
