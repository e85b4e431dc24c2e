"""Keeps our facts about subscriptions equal to Stripe's: asks for the present state and writes it, newest wins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.accounts import names, selves
from app.billing import columns_from_stripe, customers, paid_twice, pending, receipts, reminders, sync
from app.billing.entitlement import CLOSED_STATUSES, FINAL, KNOWN_STATUSES
from app.db import insert, insert_once
from app.gateway import features, instruments, invoices
from app.gateway import subscriptions as at_stripe
from app.gateway.invoices import Dues
from app.gateway.snapshot import SubscriptionSnapshot, normalise_subscription
from app.installation import Installation
from app.models import Account, Customer, Subscription
from app.models.account import ERASED
from app.models.payment_case import CONTESTED_LINK
from app.payers import identities, payment_cases

# most that a reader waits for
MOST_REFRESHED_AT_ONCE = 3
log = structlog.get_logger()


def refresh(it: Installation, subscription_id: str) -> bool:
    """Fetch one subscription and write it, unless somebody wrote a newer answer meanwhile; True if this one did.

    What it is paid with is captured before it lets anybody write, when it begins to run and when it came to another
    account (links), so that nobody returns from a ban for a moment. Raises StripeUnavailable (try again later) and
    MalformedObject or WrongMode (somebody must look).
    """
    if not _fetch(it, subscription_id):
        return False
    paid_twice.ask(it, subscription_id)
    return True


def _fetch(it: Installation, subscription_id: str) -> bool:
    with it.database.reading() as session:
        seq = sync.requested(session, sync.SUBSCRIPTION, subscription_id)
        by_features = customers.grants_by_feature(session)
        before = _before(session, subscription_id)
    if not seq:
        return False
    raw = at_stripe.retrieve(it.stripe, subscription_id)
    snapshot = normalise_subscription(raw) if raw else None
    dues = invoices.dues(it.stripe, raw) if raw else Dues()
    carried = features.of_products(it.stripe, snapshot.products) if snapshot and by_features else {}
    runs = snapshot is not None and snapshot.status not in CLOSED_STATUSES
    begins = runs and before.ran_for is None
    paid_with = instruments.of_subscription(it.stripe, raw) if raw and begins else []
    # a subscription may have ended with its customer, which is told once
    asks = snapshot is not None and (by_features or snapshot.status in FINAL)
    customer = snapshot.customer if snapshot is not None and asks else None
    with it.database.transaction() as session:
        if customer:
            # whoever writes the customer marks its subscriptions, in this order
            sync.lock(session, sync.CUSTOMER, customer)
        if not sync.accept(session, sync.SUBSCRIPTION, subscription_id, seq):
            return False
        if snapshot is None:
            _mark_gone(session, subscription_id)
            return True
        if customer and _is_news(session, snapshot):
            sync.request(session, sync.CUSTOMER, customer)
        # before all that follows, since an account is locked before its customer
        payer = _account_of(session, snapshot, session.scalar(_link_of(snapshot.customer)))
        identities.capture(session, it.settings, it.house, payer, paid_with)
        if write(session, snapshot, dues, carried, captured_for=payer if begins else None) is None:
            log.warning("subscription of an unknown customer", subscription=snapshot.id, customer=snapshot.customer)
    return True


def refresh_linked(it: Installation, account_id: int) -> None:
    """Fetch what a customer that was linked to the account just now subscribes to, since its reader waits for it.

    Raises as `refresh` does; a worker does the same.
    """
    with it.database.reading() as session:
        waiting = (
            select(Subscription.id, Subscription.customer_id).where(pending.by(account_id)).order_by(Subscription.id)
        )
        found = session.execute(waiting.limit(MOST_REFRESHED_AT_ONCE)).all()
    for customer_id in sorted({row.customer_id for row in found}):
        customers.refresh(it, customer_id)
    for row in found:
        refresh(it, row.id)


def write(
    session: Session,
    snapshot: SubscriptionSnapshot,
    dues: Dues,
    carried: Mapping[str, list[str]] | None,
    *,
    captured_for: int | None = None,
) -> int | None:
    """Keep what Stripe said, with the features that are `carried` by its products (None: those we know); the caller has
    taken the right to (sync). Returns whose it is, None for an orphan.

    One that runs counts for nobody of whom it is not known what it is paid with: those for whom it ran before, and
    `captured_for`, for whom the caller has captured that just now. For anybody else it is pending and asked for again.
    """
    linked = _linked_to(session, snapshot.customer) if snapshot.customer else None
    payer = _account_of(session, snapshot, linked)
    before = _before(session, snapshot.id)
    runs = snapshot.status not in CLOSED_STATUSES
    waits = runs and payer is not None and payer not in (captured_for, before.ran_for)
    account_id = None if waits else payer
    if snapshot.status not in KNOWN_STATUSES:
        log.error("unknown subscription status", subscription=snapshot.id, status=snapshot.status)
    facts = {
        **columns_from_stripe.of(snapshot, columns_from_stripe.granting_names(session)),
        "account_id": account_id,
        **_paid_columns(dues),
        "fetched_at": clock.now(),
    } | ({} if carried is None else {"features": carried})
    if account_id is not None and before.is_paid_anew(facts):
        names.compare(session, account_id, patient=before.ran_for == account_id)
    if account_id is not None and reminders.remind(session, account_id, snapshot, dues):
        facts["reminded_invoice"] = dues.owed_invoice
    if payer is not None and before.status is not None:
        receipts.confirm(session, payer, before.cancel_at, snapshot)
    if waits or _outlives_customer(session, snapshot):
        sync.request(session, sync.SUBSCRIPTION, snapshot.id)
    statement = insert(session, Subscription).values(id=snapshot.id, **({"features": {}} | facts))
    session.execute(statement.on_conflict_do_update(index_elements=[Subscription.id], set_=facts))
    return payer


def _paid_columns(dues: Dues) -> dict[str, Any]:
    return {
        "first_failure_at": dues.failed_at,
        "paid_invoice": dues.paid_invoice,
        "paid_amount": dues.paid_amount,
        "open_invoice": dues.open_invoice,
        "written_off": dues.written_off,
        "unpaid": dict(dues.unpaid),
        "payments": dict(dues.payments),
        "awaited": dues.awaited,
    }


@dataclass(frozen=True)
class _Before:
    """A subscription as we last heard of it."""

    status: str | None = None
    period_end: datetime | None = None
    account_id: int | None = None
    cancel_at: datetime | None = field(default=None, compare=False)

    @property
    def ran_for(self) -> int | None:
        return self.account_id if self.status not in CLOSED_STATUSES else None

    def is_paid_anew(self, facts: Mapping[str, Any]) -> bool:
        """Whether it runs, and did not then, or for another period or account: somebody has paid."""
        now = _Before(facts["status"], facts["period_end"], facts["account_id"])
        return now.status == "active" and self != now


def _before(session: Session, subscription_id: str) -> _Before:
    known = select(Subscription.status, Subscription.period_end, Subscription.account_id, Subscription.cancel_at)
    row = session.execute(known.where(Subscription.id == subscription_id)).first()
    return _Before(*row) if row else _Before()


def _is_news(session: Session, snapshot: SubscriptionSnapshot) -> bool:
    """Whether it says anything of the subscription that we have not kept: then its customer may have changed with it.

    A refresh that learned nothing requests nothing, or two objects would have each other asked for without end.
    """
    row = session.get(Subscription, snapshot.id)
    granting = columns_from_stripe.granting_names(session)
    return row is None or bool(columns_from_stripe.differing(row, snapshot, granting))


def _outlives_customer(session: Session, snapshot: SubscriptionSnapshot) -> bool:
    """Whether it is new to us and lives, while its customer is known to be deleted.

    Then it ended after Stripe answered: the deletion, which takes a customer's subscriptions along, found none to mark.
    """
    known = select(Subscription.id).where(Subscription.id == snapshot.id)
    gone = select(Customer.id).where(Customer.id == snapshot.customer, Customer.deleted)
    lives = snapshot.status not in CLOSED_STATUSES
    return lives and session.scalar(select(exists(gone) & ~exists(known))) is True


def _mark_gone(session: Session, subscription_id: str) -> None:
    gone = {"deleted": True, "fetched_at": clock.now()}
    session.execute(update(Subscription).where(Subscription.id == subscription_id).values(gone))


def _account_of(session: Session, snapshot: SubscriptionSnapshot, linked: int | None) -> int | None:
    """Whose subscription it is: as we wrote on it at Checkout, else as its customer was `linked`. Never by e-mail.

    A moderator who gave the customer to somebody else knew better than what is written on it, and so did its payer, who
    went on with an older account of theirs (sign_in.joined_accounts). None leaves an orphan, which is kept: somebody
    paid for it.
    """
    written = ids.parse(snapshot.account_reference or "")
    if written is None or written == linked:
        return linked
    # asked anew, since a join may have ended it while we waited for the customer
    state = session.scalar(select(Account.state).where(Account.id == written))
    if state is None:
        return linked
    joined = state == ERASED and linked in selves.own(session, written)
    judged = linked is not None and payment_cases.was_allowed(session, CONTESTED_LINK, linked, snapshot.customer)
    return linked if joined or judged else written


def _link_of(customer_id: str | None) -> Select[int | None]:
    return select(Customer.account_id).where(Customer.id == customer_id)


def _linked_to(session: Session, customer_id: str) -> int | None:
    """The account of a customer, who gets a row where there is none: parked, until somebody proves to be its payer.

    Whatever was told of the customer before found no row to write to, so it is asked for. The row is locked, so that a
    link at the same moment either is seen here or sees what is written here.
    """
    known = _link_of(customer_id).with_for_update(read=True)
    found = session.execute(known).first()
    if found is None:
        sync.request(session, sync.CUSTOMER, customer_id)
        insert_once(session, Customer, id=customer_id, account_id=None, created_at=clock.now())
        found = session.execute(known).one()
    account_id: int | None = found.account_id
    return account_id
