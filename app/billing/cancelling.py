"""A reader ends their subscription with one click here: it runs out with the period that is paid.

Taking that back, and all else, is done in the Portal.
"""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.billing import columns_from_stripe, pending, subscriptions, sync
from app.billing.entitlement import FINAL
from app.errors import NotFound
from app.gateway import subscriptions as at_stripe
from app.gateway.client import StripeRefused
from app.installation import Installation
from app.models import Subscription


def renewing(session: Session, account_id: int) -> list[str]:
    """Ids of the account's subscriptions to what lets its readers write, as far as they go on by themselves.

    One of which not even the first payment came does not: Stripe gives it up within a day, and lets nobody change it.
    """
    theirs = or_(Subscription.account_id == account_id, pending.by(account_id))
    going_on = Subscription.deleted.is_(False), Subscription.cancel_at.is_(None), Subscription.ended_at.is_(None)
    found = session.scalars(
        select(Subscription).where(theirs, *going_on, Subscription.status.not_in(("incomplete", *FINAL)))
    )
    sold = columns_from_stripe.granting_names(session)
    return sorted(each.id for each in found if not sold.isdisjoint((*each.products, *each.features)))


def cancel(it: Installation, account_id: int) -> None:
    """Let all of them run out, and know it at once. Banned readers may, too: everyone may leave.

    Stripe refuses what is over already, unheard: that must not keep the others. Raises NotFound where there is nothing
    to cancel, and StripeUnavailable.
    """
    with it.database.reading() as session:
        found = renewing(session, account_id)
    if not found:
        raise NotFound
    refusal = None
    for subscription_id in found:
        try:
            at_stripe.let_run_out(it.stripe, subscription_id)
        except StripeRefused as error:
            refusal = error
        with it.database.transaction() as session:
            sync.request(session, sync.SUBSCRIPTION, subscription_id)
        subscriptions.refresh(it, subscription_id)
    with it.database.reading() as session:
        left = renewing(session, account_id)
    if refusal is not None and left:
        raise refusal
