"""Cards and other ways to pay, each asked for when Stripe says that it came or changed."""

from app.billing import sync
from app.db import Database
from app.gateway import methods as at_stripe
from app.gateway.client import Stripe
from app.gateway.events import PAYMENT_METHOD


def refresh(database: Database, stripe: Stripe, method_id: str) -> bool:
    """Fetch one payment method, unless somebody did so since it was marked; True if this one did.

    Raises StripeUnavailable (try again later) and WrongMode (somebody must look).
    """
    with database.reading() as session:
        seq = sync.requested(session, PAYMENT_METHOD, method_id)
    if not seq:
        return False
    at_stripe.retrieve(stripe, method_id)
    with database.transaction() as session:
        return sync.claim(session, PAYMENT_METHOD, method_id, seq)
