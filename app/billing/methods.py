"""Cards and other ways to pay, each asked for when Stripe says that it came or changed."""

from app.billing import sync
from app.gateway import fingerprints
from app.gateway import methods as at_stripe
from app.gateway.events import PAYMENT_METHOD
from app.gateway.values import reference
from app.installation import Installation
from app.payers import identities


def refresh(it: Installation, method_id: str) -> bool:
    """Fetch one payment method and capture it, unless somebody did so since it was marked; True if this one did.

    Raises StripeUnavailable (try again later) and WrongMode (somebody must look).
    """
    with it.database.reading() as session:
        seq = sync.requested(session, PAYMENT_METHOD, method_id)
    if not seq:
        return False
    raw = at_stripe.retrieve(it.stripe, method_id) or {}
    with it.database.transaction() as session:
        if not sync.accept(session, PAYMENT_METHOD, method_id, seq):
            return False
        # one that was taken off names nobody any more, and stays what it was
        identities.capture_of(session, it.settings, it.house, reference(raw.get("customer")), fingerprints.of(raw))
    return True
