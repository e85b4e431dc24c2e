"""Taking in a paper's customers and subscriptions that are older than this installation: tens of thousands at once.

Fetched singly, at the rate that our throttle lets through, 50,000 subscriptions would take three quarters of an hour; a
slice of a list is a fetch of a hundred. What a slice says is written under the rule of every other fetch
(sync.accept_unheard): only where nobody has asked before, so that webhooks, workers and a second adoption may run at
the same time. A customer waits without an account, known by a digest of its address alone, until somebody proves that
it is theirs (links). What an account has is asked for singly afterwards, by the worker, and its subscriptions count
from then on: a list tells neither refunds nor with what is paid.

Each slice moves its cursor in the transaction that writes its rows, so that a walk that was killed goes on where it
was, and no slice counts twice.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.billing import link_by_letter, links, subscriptions, sync
from app.db import Database, find_locked, insert, insert_once, retrying
from app.gateway import customers
from app.gateway import subscriptions as at_stripe
from app.gateway.client import Object, Stripe, StripeRefused, StripeUnavailable
from app.gateway.customers import ListedCustomer
from app.gateway.invoices import Dues
from app.gateway.snapshot import SubscriptionSnapshot, normalise_subscription
from app.gateway.values import MalformedObject
from app.installation import Installation
from app.models import Account, Customer, StripeCursor, Subscription
from config.settings import Settings

# seconds between one try and the next, while Stripe is away
PAUSES_SECONDS = (1, 2, 4, 8, 16)
# where the cursor of a walk stands that has come to the end
CURSOR_AT_END = ""


@dataclass(frozen=True)
class Walk:
    """A way through one of Stripe's lists, under the name of its cursor."""

    name: str
    ask: Callable[[Stripe, str | None], tuple[list[Any], str | None]]
    keep: Callable[[Session, Sequence[Any]], None]


def adopt(it: Installation, advance: Callable[[str, int], None] = lambda *_: None) -> None:
    """Take in what is new among all customers and subscriptions, or go on with the adoption that was interrupted.

    `it` is throttled; `advance` hears, after each slice, of "customers" or "subscriptions" and how many of them were
    looked at. Raises StripeUnavailable when Stripe cannot be reached for a minute: run it again.
    """
    walks = (
        Walk("adopt.customers", customers.slice_after, partial(_keep_customers, it.settings)),
        Walk("adopt.subscriptions", at_stripe.slice_after, _keep_subscriptions),
    )
    with it.database.transaction() as session:
        _begin(session, [walk.name for walk in walks])
    for walk in walks:
        while True:
            with it.database.reading() as session:
                cursor = session.get_one(StripeCursor, walk.name)
            advance(walk.name.rpartition(".")[2], cursor.counted)
            if cursor.value == CURSOR_AT_END:
                break
            _step(it.database, it.stripe, walk, cursor.value)


def tally(session: Session) -> dict[str, int]:
    """How many customers and subscriptions there are now, and how many of them wait to be linked."""
    return {
        f"{table.__tablename__}{suffix}": session.scalar(select(func.count()).select_from(table).where(*which)) or 0
        for table in (Customer, Subscription)
        for suffix, which in (("", ()), (" without an account", (table.account_id.is_(None),)))
    }


def _begin(session: Session, names: list[str]) -> None:
    """Begin afresh, unless an earlier adoption was interrupted."""
    for name in names:
        insert_once(session, StripeCursor, name=name, value=None, counted=0, updated_at=clock.now())
    ours = StripeCursor.name.in_(names)
    if set(session.scalars(select(StripeCursor.value).where(ours))) == {CURSOR_AT_END}:
        session.execute(update(StripeCursor).where(ours).values(value=None, counted=0, began_at=clock.now()))


def _step(database: Database, stripe: Stripe, walk: Walk, after: str | None) -> None:
    """Take in the slice that begins after the object `after`."""
    try:
        found, last = _patiently(lambda: walk.ask(stripe, after))
    except StripeRefused:
        if after is None:
            raise
        # the object that the cursor stands on was deleted at Stripe: from the top, where all is known already
        _turn(database, walk, after, None, [])
        return
    _turn(database, walk, after, last or CURSOR_AT_END, found)


@retrying
def _turn(database: Database, walk: Walk, after: str | None, now_at: str | None, found: list[Any]) -> None:
    """Write a slice and move the cursor, unless another adoption has moved it meanwhile and so has written the
    slice.
    """
    with database.transaction() as session:
        cursor = find_locked(session, StripeCursor, StripeCursor.name == walk.name)
        if cursor is None or cursor.value != after:
            return
        walk.keep(session, found)
        cursor.counted = cursor.counted + len(found) if now_at is not None else 0
        cursor.value, cursor.updated_at = now_at, clock.now()


def _patiently(ask: Callable[[], tuple[list[Any], str | None]]) -> tuple[list[Any], str | None]:
    for pause in PAUSES_SECONDS:
        try:
            return ask()
        except StripeRefused:
            raise
        except StripeUnavailable:
            time.sleep(pause)
    return ask()


def _keep_customers(settings: Settings, session: Session, listed: Sequence[ListedCustomer]) -> None:
    new = sync.accept_unheard(session, sync.CUSTOMER, {each.id for each in listed})
    wanted = {each.id: each for each in listed if each.id in new}
    if not wanted:
        return
    accounts = _accounts(session, wanted.values())
    linked = select(Customer.id).where(Customer.id.in_(new), Customer.account_id.is_not(None))
    owned = {each.id for each in wanted.values() if each.account_reference in accounts}.union(session.scalars(linked))
    marked = {customer_id: links.refetch(session, customer_id) for customer_id in sorted(owned)}
    rows = [_row(settings, wanted[customer_id], accounts) for customer_id in sorted(wanted)]
    added = insert(session, Customer).values(rows)
    added = added.on_conflict_do_update(
        index_elements=[Customer.id],
        set_={
            "account_id": func.coalesce(Customer.account_id, added.excluded.account_id),
            "email_token": case((Customer.account_id.is_(None), added.excluded.email_token)),
            "deleted": False,
        },
    )
    session.execute(added)
    for customer_id, subscription_ids in marked.items():
        # those written while we waited for the row of the customer
        sync.request_subscriptions(session, customer_id, but=subscription_ids)


def _row(settings: Settings, listed: ListedCustomer, accounts: dict[str, int]) -> dict[str, object]:
    account_id = accounts.get(listed.account_reference or "")
    return {
        "id": listed.id,
        "account_id": account_id,
        "email_token": link_by_letter.mailbox(settings, listed.email) if account_id is None else None,
        "features": [],
        "deleted": False,
        "created_at": listed.created_at,
    }


def _accounts(session: Session, listed: Iterable[ListedCustomer]) -> dict[str, int]:
    """The accounts that customers name in their metadata, where there are such; only we write that, at Checkout."""
    named = {each.account_reference: ids.parse(each.account_reference) for each in listed if each.account_reference}
    there = set(session.scalars(select(Account.id).where(Account.id.in_({each for each in named.values() if each}))))
    return {reference: number for reference, number in named.items() if number in there}


def _keep_subscriptions(session: Session, listed: Sequence[Object]) -> None:
    snapshots = {raw["id"]: _read(raw) for raw in listed}
    new = sync.accept_unheard(session, sync.SUBSCRIPTION, snapshots)
    readable = [each for each in snapshots.values() if each and each.id in new]
    for snapshot in sorted(readable, key=lambda each: (each.customer or "", each.id)):
        subscriptions.write(session, snapshot, Dues(), {})
    for subscription_id in sorted(identifier for identifier in new if snapshots[identifier] is None):
        sync.request(session, sync.SUBSCRIPTION, subscription_id)


def _read(raw: Object) -> SubscriptionSnapshot | None:
    """One that cannot be read must not stop the others: it is asked for by itself, and told of there."""
    try:
        return normalise_subscription(raw)
    except MalformedObject:
        return None
