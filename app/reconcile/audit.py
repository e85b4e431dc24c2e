"""A look at a part of what a reconcile goes through, or at all of it without a trace: for whoever asks at the desk."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.gateway.client import Stripe, StripeRefused
from app.models import Customer, Subscription
from app.reconcile import runs, walks
from app.reconcile.drift import Drift
from app.reconcile.walks import Compared, Subscriptions, Walk


def everything(database: Database, stripe: Stripe, since: datetime | None, *, dry: bool) -> Iterator[list[Drift]]:
    """What differs, slice by slice, of what was made `since`; `dry` changes nothing, not even what is to be fetched.

    Keeps the ids of all subscriptions in memory where `since` is None. Raises StripeUnavailable on the way.
    """
    began_at = clock.now()
    seen: set[str] = set()
    for walk in walks.WALKS:
        yield from _through(database, stripe, walk, since, seen, dry=dry)
    if since is None:
        yield from _absent(database, began_at, seen, None, dry=dry)


def of_account(database: Database, stripe: Stripe, account_id: int, *, dry: bool) -> Iterator[list[Drift]]:
    """What differs of one account's subscriptions, as `everything`."""
    began_at = clock.now()
    seen: set[str] = set()
    with database.reading() as session:
        customers = _customers(session, account_id)
    for customer in customers:
        try:
            yield from _through(database, stripe, Subscriptions(customer), None, seen, dry=dry)
        except StripeRefused:
            continue  # there is no such customer any more, nor anything of theirs
    yield from _absent(database, began_at, seen, account_id, dry=dry)


def _through(
    database: Database, stripe: Stripe, walk: Walk, since: datetime | None, seen: set[str], *, dry: bool
) -> Iterator[list[Drift]]:
    after: str | None = None
    while True:
        listed = walk.ask(stripe, since, after)
        if isinstance(walk, Subscriptions):
            seen.update(entry["id"] for entry in listed.entries)
        with database.reading() if dry else database.transaction() as session:
            compared = walk.compare(session, listed)
            if not dry:
                runs.carry_out(session, compared, listed.asked_at)
        yield compared.drifts
        if listed.after is None:
            return
        after = listed.after


def _absent(
    database: Database, began_at: datetime, seen: set[str], account_id: int | None, *, dry: bool
) -> Iterator[list[Drift]]:
    after = ""
    while True:
        with database.reading() if dry else database.transaction() as session:
            silent = walks.unlisted(session, began_at, after, account_id)
            compared = Compared([walks.absent(row) for row in silent if row.id not in seen])
            if not dry:
                runs.carry_out(session, compared, began_at)
        yield compared.drifts
        if len(silent) < walks.BATCH_SUBSCRIPTIONS:
            return
        after = silent[-1].id


def _customers(session: Session, account_id: int) -> list[str]:
    linked = select(Customer.id).where(Customer.account_id == account_id)
    paying = select(Subscription.customer_id).where(Subscription.account_id == account_id)
    return sorted(filter(None, session.scalars(union(linked, paying))))
