"""The lists that a reconcile goes through, a slice at a time: what is asked of Stripe, and what it is compared with.

Asking happens outside of any transaction, comparing in one. What was marked or written since Stripe was asked is left
alone: its newest state is here or on its way.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, ids
from app.billing import columns_from_stripe, customers
from app.billing.entitlement import FINAL
from app.gateway import events, reversals
from app.gateway import subscriptions as at_stripe
from app.gateway.client import Object, Stripe
from app.gateway.reversals import Reversal
from app.gateway.snapshot import SubscriptionSnapshot, normalise_subscription
from app.gateway.values import MalformedObject
from app.models import Account, Charge, Customer, StripeSync, Subscription
from app.models.stripe_sync import BEHIND
from app.reconcile import drift
from app.reconcile.drift import Difference, Drift

BATCH_SUBSCRIPTIONS = 100
log = structlog.get_logger()


@dataclass(frozen=True)
class ListSlice:
    """A part of one of Stripe's lists, as it was when it was `asked_at` (UTC).

    `after`: the id of its last entry where more follow, to ask for the next slice with. None: this was the last.
    """

    entries: list[Any]
    after: str | None
    asked_at: datetime


@dataclass(frozen=True)
class Compared:
    """`agreed`: ids of our subscriptions that can still change and are as Stripe says. `unclear`: objects, as
    (type, id), that the list does not tell enough of.
    """

    drifts: list[Drift] = field(default_factory=list)
    agreed: list[str] = field(default_factory=list)
    unclear: list[tuple[str, str]] = field(default_factory=list)


class Walk(Protocol):
    """One of the lists: what a run does with it, slice by slice."""

    @property
    def name(self) -> str:
        """By which a run keeps its place (models.stripe_cursor): never rename one."""

    def ask(self, stripe: Stripe, since: datetime | None, after: str | None) -> ListSlice:
        """The slice that follows on the entry of id `after`, of what was made `since`. Call it outside a transaction.

        Raises StripeUnavailable, and StripeRefused where Stripe no longer has that entry.
        """

    def compare(self, session: Session, listed: ListSlice) -> Compared:
        """What differs between a slice and our rows; changes nothing."""


@dataclass(frozen=True)
class Subscriptions:
    """All subscriptions at Stripe, or those of one `customer`."""

    name: ClassVar[str] = "subscriptions"
    customer: str | None = None

    def ask(self, stripe: Stripe, since: datetime | None, after: str | None) -> ListSlice:
        asked_at = clock.now()
        return ListSlice(*at_stripe.slice_after(stripe, after, customer=self.customer, since=since), asked_at)

    def compare(self, session: Session, listed: ListSlice) -> Compared:
        result = Compared()
        snapshots = [snapshot for raw in listed.entries if (snapshot := _read(raw, result))]
        identifiers = [snapshot.id for snapshot in snapshots]
        rows = {row.id: row for row in session.scalars(select(Subscription).where(Subscription.id.in_(identifiers)))}
        waiting = _waiting(session, events.SUBSCRIPTION, identifiers)
        owners = _owners(session, snapshots)
        granting, by_features = columns_from_stripe.granting_names(session), customers.grants_by_feature(session)
        for snapshot in snapshots:
            row, owner = rows.get(snapshot.id), owners.get(snapshot.id)
            if snapshot.id in waiting or _newer(row, listed):
                continue
            if row is None and (
                snapshot.status in FINAL or not (owner or by_features or snapshot.granting_items(granting))
            ):
                continue  # an account at Stripe may sell other things, and have sold much long ago
            found = drift.of_subscription(row, snapshot, granting, owner)
            if found:
                result.drifts.append(Drift(events.SUBSCRIPTION, snapshot.id, found))
            elif row and row.open_invoice:
                result.unclear.append((events.SUBSCRIPTION, row.id))
            elif row and row.status not in FINAL:
                result.agreed.append(row.id)
        return result


@dataclass(frozen=True)
class Reversals:
    """Refunds or disputes, which show in the charge that they are of. Without a date: those of the last `days`."""

    name: str
    list: Callable[[Stripe, datetime, str | None], tuple[list[Reversal], str | None]]
    differences: Callable[[Mapping[str, Charge], Iterable[Reversal]], dict[str, tuple[Difference, ...]]]
    days: int

    def ask(self, stripe: Stripe, since: datetime | None, after: str | None) -> ListSlice:
        asked_at = clock.now()
        return ListSlice(*self.list(stripe, since or asked_at - timedelta(days=self.days), after), asked_at)

    def compare(self, session: Session, listed: ListSlice) -> Compared:
        charges = {reversal.charge for reversal in listed.entries if reversal.charge}
        rows = {row.id: row for row in session.scalars(select(Charge).where(Charge.id.in_(charges)))}
        waiting = _waiting(session, events.CHARGE, charges)
        settled = [
            reversal
            for reversal in listed.entries
            if reversal.charge and reversal.charge not in waiting and not _newer(rows.get(reversal.charge), listed)
        ]
        found = self.differences(rows, settled)
        return Compared([Drift(events.CHARGE, charge, differences) for charge, differences in sorted(found.items())])


# a bank may take months over a dispute
DISPUTES = Reversals("disputes", reversals.disputes, drift.of_disputes, days=120)
REFUNDS = Reversals("refunds", reversals.refunds, drift.of_refunds, days=30)
WALKS: tuple[Walk, ...] = (Subscriptions(), REFUNDS, DISPUTES)


def unlisted(session: Session, since: datetime, after: str, account_id: int | None = None) -> list[Subscription]:
    """Subscriptions of ours that may still change and that nobody has spoken of `since`, of all accounts or of one.

    At most BATCH_SUBSCRIPTIONS, in the order of their ids, from behind the id `after` on ("": from the first).
    """
    waiting = select(StripeSync.object_id).where(StripeSync.object_type == events.SUBSCRIPTION, BEHIND)
    silent = Subscription.fetched_at < since, Subscription.deleted.is_(False), Subscription.status.not_in(FINAL)
    found = select(Subscription).where(Subscription.id > after, *silent, Subscription.id.not_in(waiting))
    if account_id is not None:
        found = found.where(Subscription.account_id == account_id)
    return list(session.scalars(found.order_by(Subscription.id).limit(BATCH_SUBSCRIPTIONS)))


def absent(row: Subscription) -> Drift:
    """The drift of what we have and Stripe's list lacks."""
    return Drift(events.SUBSCRIPTION, row.id, (Difference("status", row.status, None),))


def _read(raw: Object, result: Compared) -> SubscriptionSnapshot | None:
    """None for what is no subscription, and where the list shows but a part of its items: it is fetched whole then."""
    try:
        snapshot = normalise_subscription(raw)
    except MalformedObject:
        log.error("no subscription, in the list of them")
        return None
    if (raw.get("items") or {}).get("has_more"):
        result.unclear.append((events.SUBSCRIPTION, snapshot.id))
        return None
    return snapshot


def _newer(row: Subscription | Charge | None, listed: ListSlice) -> bool:
    """Whether somebody wrote the row after Stripe was asked for the slice."""
    return row is not None and row.fetched_at >= listed.asked_at


def _waiting(session: Session, object_type: str, identifiers: Iterable[str]) -> set[str]:
    marked = select(StripeSync.object_id).where(StripeSync.object_type == object_type, BEHIND)
    return set(session.scalars(marked.where(StripeSync.object_id.in_(identifiers))))


def _owners(session: Session, snapshots: list[SubscriptionSnapshot]) -> dict[str, int]:
    """The accounts of subscriptions, by what is written on them or by whose their customer is."""
    written = {snapshot.id: ids.parse(snapshot.account_reference or "") for snapshot in snapshots}
    payers = {snapshot.customer for snapshot in snapshots if snapshot.customer}
    accounts = set(session.scalars(select(Account.id).where(Account.id.in_(filter(None, written.values())))))
    linked = dict(session.execute(select(Customer.id, Customer.account_id).where(Customer.id.in_(payers))).all())
    owners = {}
    for snapshot in snapshots:
        account = written[snapshot.id]
        owner = account if account in accounts else linked.get(snapshot.customer or "")
        if owner is not None:
            owners[snapshot.id] = owner
    return owners
