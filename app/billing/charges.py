"""Keeps our facts about payments equal to Stripe's: what was given back, what is disputed, what a bank warned of."""

from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync
from app.db import insert
from app.gateway import charges as at_stripe
from app.gateway import fingerprints
from app.gateway.charges import LOST, UNANSWERED, UNREAD, Origin, Payment
from app.installation import Installation
from app.models import Charge, Customer, Subscription
from app.models.payment_case import FRAUD_WARNING, LOST_DISPUTE
from app.payers import identities, payment_cases
from app.payers.payment_cases import PayerFinding
from config.policy import HouseRules

log = structlog.get_logger()


def refresh(it: Installation, charge_id: str) -> bool:
    """Fetch one charge and write it, unless somebody wrote a newer answer meanwhile; True if this one did.

    Raises StripeUnavailable (try again later) and MalformedObject or WrongMode (somebody must look).
    """
    with it.database.reading() as session:
        seq = sync.requested(session, sync.CHARGE, charge_id)
        known = session.get(Charge, charge_id)
    if not seq:
        return False
    raw = at_stripe.retrieve(it.stripe, charge_id)
    origin = Origin(known.invoice_id, known.subscription_id) if known and known.invoice_id else None
    payment = at_stripe.examine(it.stripe, raw, origin) if raw else None
    with it.database.transaction() as session:
        if not sync.accept(session, sync.CHARGE, charge_id, seq):
            return False
        # what was never taken, or not yet, pays for nothing
        if payment is not None and (payment.taken or known):
            identities.capture_of(session, it.settings, it.house, payment.customer, fingerprints.of(raw))
            _write(session, payment)
            _ask(session, it.house, payment)
    return True


def _write(session: Session, payment: Payment) -> None:
    facts: dict[str, Any] = {
        "customer_id": payment.customer,
        "subscription_id": payment.origin.subscription,
        "invoice_id": payment.origin.invoice,
        "amount_refunded": payment.amount_refunded,
        "fetched_at": clock.now(),
    }
    # what we may not read stays as it was read before; a dispute of which no more is known has not been answered yet
    first = {"fraud_warning": False, "dispute_status": UNANSWERED}
    if payment.fraud_warning is not None:
        facts["fraud_warning"] = payment.fraud_warning
    if payment.dispute_status != UNREAD:
        facts["dispute_status"] = payment.dispute_status
    statement = insert(session, Charge).values(id=payment.id, **(first | facts))
    kept = {"dispute_status": func.coalesce(Charge.dispute_status, UNANSWERED)}
    session.execute(statement.on_conflict_do_update(index_elements=[Charge.id], set_=kept | facts))


def _ask(session: Session, house: HouseRules, payment: Payment) -> None:
    """What a moderator should look at, once for each charge of ours; what paid for something else is no matter."""
    found = ((LOST_DISPUTE, payment.dispute_status == LOST), (FRAUD_WARNING, payment.fraud_warning is True))
    kinds = [kind for kind, is_so in found if is_so]
    if not kinds or payment.origin.subscription is None:
        return
    account_id = _account_of(session, payment)
    if account_id is None:
        log.error("a payment of nobody we know is disputed or suspect", charge=payment.id)
        return
    for kind in kinds:
        payment_cases.ask(session, house, PayerFinding(kind, account_id, payment.id))


def _account_of(session: Session, payment: Payment) -> int | None:
    of_subscription = select(Subscription.account_id).where(Subscription.id == payment.origin.subscription)
    of_customer = select(Customer.account_id).where(Customer.id == payment.customer)
    either = func.coalesce(of_subscription.scalar_subquery(), of_customer.scalar_subquery())
    account_id: int | None = session.scalar(select(either))
    return account_id
