"""A letter to whoever has to see to an unpaid invoice, once for each invoice.

It is caused by the state that was fetched, not by an event, and noted in the row of the subscription by whoever
may write that (sync.accept): so none is lost with a webhook, and no two workers send one each. Banned readers
are written to as well, since they pay.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync
from app.gateway.invoices import Dues
from app.gateway.snapshot import SubscriptionSnapshot
from app.jobs import queue
from app.mail import letters
from app.models import Subscription
from app.models.letter import PAYMENT_DUE

LOOK_AGAIN = "billing.look_again"
# somebody who has just begun is still at the page of their bank
TIME_FOR_FIRST_PAYMENT = timedelta(hours=1)


def remind(session: Session, account_id: int, snapshot: SubscriptionSnapshot, dues: Dues) -> bool:
    """Write to the payer about `dues.owed_invoice`, unless that was done; True where it is done now."""
    if dues.owed_invoice is None or dues.owed_invoice == _reminded_of(session, snapshot.id):
        return False
    patient_until = (snapshot.started_at or clock.now()) + TIME_FOR_FIRST_PAYMENT
    if snapshot.status == "incomplete" and clock.now() < patient_until:
        payload, key = {"subscription_id": snapshot.id}, f"{LOOK_AGAIN}:{snapshot.id}"
        queue.enqueue(session, LOOK_AGAIN, payload, run_at=patient_until, unique_key=key)
        return False
    letters.write(session, account_id, PAYMENT_DUE)
    return True


def look_again(session: Session, subscription_id: str) -> None:
    """Job: the patience with a subscription is over; what is still owed by then is written about."""
    sync.request(session, sync.SUBSCRIPTION, subscription_id)


def _reminded_of(session: Session, subscription_id: str) -> str | None:
    return session.scalar(select(Subscription.reminded_invoice).where(Subscription.id == subscription_id))
