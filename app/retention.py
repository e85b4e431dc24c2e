"""Forgets, when the house rules say so, what docs/personal-data.md does not say is kept.

Ids carry their time, so age is a range of ids.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from app import clock, ids
from app.accounts import attempts, identity, known_places, leftovers, quarantine
from app.accounts.one_time_tokens import LIFETIME_BY_PURPOSE
from app.db import Database, find_locked
from app.models import (
    Account,
    Attempts,
    EndedSession,
    Item,
    Job,
    KnownPlace,
    Letter,
    Notice,
    Notification,
    OneTimeToken,
    Reaction,
    SpentToken,
    SuggestedScore,
    Trait,
    WebhookDelivery,
)
from app.models.account import ERASED
from app.models.item import OPEN
from app.models.job import DEAD
from config.policy import HouseRules

FORGET = "accounts.forget"
FORGET_EVERY = timedelta(days=1)
BATCH_ROWS = 1000


def forget(database: Database, house: HouseRules, _payload: dict[str, Any]) -> None:
    """Job: delete letters, notifications, reactions, suggested scores, tokens and failed jobs of accounts that are old,
    and blank who gave a notice long ago. How many respect a comment stays with it.

    What an erased account left goes when nothing can follow from it any more (accounts.leftovers, accounts.quarantine).
    """
    now, days = clock.now(), house.retention
    told_since = ids.first_at(now - timedelta(days=days.letters_days))
    _delete(database, Notification.id, Notification.id < told_since)
    _delete(database, Letter.id, Letter.id < told_since)
    failed_long_ago = (Job.state == DEAD) & Job.kind.startswith(leftovers.OF_ACCOUNTS) & (Job.id < told_since)
    _delete(database, Job.id, failed_long_ago)
    reactions_since = ids.first_at(now - timedelta(days=days.reactions_days))
    _delete(database, Reaction.comment_id, Reaction.comment_id < reactions_since)
    _delete(database, OneTimeToken.id, OneTimeToken.id < ids.first_at(now - max(LIFETIME_BY_PURPOSE.values())))
    scores_since = ids.first_at(now - timedelta(days=days.suggested_scores_days))
    _delete(database, SuggestedScore.id, SuggestedScore.id < scores_since)
    delivered_since = ids.first_at(now - timedelta(days=days.webhooks_days))
    _delete(database, WebhookDelivery.id, WebhookDelivery.id < delivered_since)
    _delete(database, EndedSession.session_id, EndedSession.ended_at < now - identity.ABSOLUTE_LIMIT)
    _delete(database, SpentToken.number, SpentToken.expires_at < now)
    _delete(database, KnownPlace.place, KnownPlace.used_at < now - known_places.KNOWN_FOR)
    _delete(database, Attempts.whose, Attempts.next_at < now - attempts.FORGOTTEN_AFTER)
    _forget_notifiers(database, ids.first_at(now - timedelta(days=days.notices_days)))
    _forget_leftovers(database, now - timedelta(days=days.quarantine_days))
    _end_quarantines(database, house)


def _forget_notifiers(database: Database, oldest: int) -> None:
    """Who told us that a comment is illegal, and in which words, once they have had their answer for long enough."""
    about = or_(Item.id == Notice.item_id, Item.subject_id == Notice.comment_id)  # ids are of one row in all tables
    asked = exists().where(about, Item.state == OPEN)
    told = or_(Notice.name.is_not(None), Notice.email.is_not(None), Notice.explanation != "", Notice.snapshot != "")
    with database.transaction() as session:
        session.execute(
            update(Notice)
            .where(Notice.id < oldest, told, ~asked)
            .values(name=None, email=None, explanation="", snapshot="")
            .execution_options(synchronize_session=False)
        )


def _forget_leftovers(database: Database, erased_before: datetime) -> None:
    with database.transaction() as session:
        leftovers.forget_words(session, true())
    with database.reading() as session:
        found = session.scalars(leftovers.with_unseen_texts(erased_before)).all()
    for account_id in found:
        with database.transaction() as session:
            if account := find_locked(session, Account, Account.id == account_id):
                leftovers.forget_unseen_texts(session, account)


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


def _delete(database: Database, key: InstrumentedAttribute[Any], which: ColumnElement[bool]) -> None:
    """A batch per transaction, so that nobody waits for long. `key` is the table's."""
    while True:
        with database.transaction() as session:
            batch = session.scalars(select(key).where(which).order_by(key).limit(BATCH_ROWS)).all()
            session.execute(delete(key.class_).where(key.in_(batch)))
        if len(batch) < BATCH_ROWS:
            return
