"""Follows what only points elsewhere: an invoice, a refund, a dispute or a warning, each to what it is about."""

from app.billing import sync
from app.gateway import related_objects as at_stripe
from app.installation import Installation


def refresh(it: Installation, kind: str, identifier: str) -> bool:
    """Fetch the object and mark what it points to; False where somebody did so since it was marked.

    Raises StripeUnavailable (try again later) and MalformedObject or WrongMode (somebody must look).
    """
    with it.database.reading() as session:
        seq = sync.requested(session, kind, identifier)
    if not seq:
        return False
    hints = at_stripe.follow(it.stripe, kind, identifier)
    with it.database.transaction() as session:
        if not sync.accept(session, kind, identifier, seq):
            return False
        for object_type, object_id in sorted(hints):
            sync.request(session, object_type, object_id)
    return True
