"""What no list of Stripe's tells any more: everything that still counts is asked for by itself.

Stripe lists events for 30 days, and a reconcile compares subscriptions, refunds of 30 days and disputes of 120. Who
heard nothing for longer, as after a long outage or with a database that was restored, has missed a refund of before,
a dispute, a bank's warning, a payment that came to light as another's. A dispute or a warning counts whichever payment
of a subscription it is of: of both all are listed, however old, since there are few. This only marks; workers fetch,
at their pace and behind whatever is told meanwhile.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync
from app.billing.entitlement import FINAL
from app.db import Database
from app.gateway import charges
from app.gateway.client import Stripe
from app.gateway.events import INVOICE
from app.models import Charge, Subscription
from app.reconcile import runs, walks

BATCH_SUBSCRIPTIONS = 200


def mark_all(database: Database, stripe: Stripe) -> int:
    """Have each subscription that runs fetched, its customer, what paid for it last, and every payment that is disputed
    or was warned of and that we know otherwise; how many subscriptions there are. Raises StripeUnavailable.
    """
    number = _mark_running(database)
    _mark_disputed(database, stripe)
    _mark_warned_of(database, stripe)
    return number


def _mark_disputed(database: Database, stripe: Stripe) -> None:
    after: str | None = ""
    while after is not None:
        listed = walks.DISPUTES.ask(stripe, clock.EPOCH, after or None)
        with database.transaction() as session:
            runs.carry_out(session, walks.DISPUTES.compare(session, listed), listed.asked_at)
        after = listed.after


def _mark_warned_of(database: Database, stripe: Stripe) -> None:
    warned_of = set(charges.warned_of(stripe))
    with database.transaction() as session:
        known = set(session.scalars(select(Charge.id).where(Charge.fraud_warning)))
        for charge_id in sorted(warned_of - known):
            sync.request(session, sync.CHARGE, charge_id, patient=True)


def _mark_running(database: Database) -> int:
    number, after = 0, ""
    while True:
        with database.transaction() as session:
            batch = _batch(session, after)
            marks = {mark for row in batch for mark in _marks(row)}
            for object_type, object_id in sorted(marks):
                sync.request(session, object_type, object_id, patient=True)
        number += len(batch)
        if len(batch) < BATCH_SUBSCRIPTIONS:
            return number
        after = batch[-1].id


def _batch(session: Session, after: str) -> list[Subscription]:
    running = Subscription.deleted.is_(False), Subscription.status.not_in(FINAL), Subscription.id > after
    found = select(Subscription).where(*running).order_by(Subscription.id)
    return list(session.scalars(found.limit(BATCH_SUBSCRIPTIONS)))


def _marks(row: Subscription) -> list[tuple[str, str]]:
    """An invoice leads to its charges, also to one that we never heard of."""
    invoices = (row.paid_invoice, *(each["invoice"] for each in row.payments.values()))
    paid = [(INVOICE, invoice) for invoice in invoices if invoice]
    return [(sync.SUBSCRIPTION, row.id), (sync.CUSTOMER, row.customer_id), *paid]
