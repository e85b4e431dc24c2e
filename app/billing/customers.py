"""Keeps what we know of customers equal to Stripe: if they are there, what they pay with and are entitled to."""

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from app.billing import link_by_letter, sync
from app.gateway import customers as at_stripe
from app.gateway import features as sold_features
from app.gateway import instruments
from app.installation import Installation
from app.models import Customer, Site
from app.payers import identities

# what a site sells is named by one of Stripe's ids; any other name is the lookup key of a feature
ID_PREFIXES = ("prod_", "price_", "plan_")


def refresh(it: Installation, customer_id: str) -> bool:
    """Fetch one customer and write it, unless somebody wrote a newer answer meanwhile; True if this one did.

    One that was deleted at Stripe takes its subscriptions along, and the next Checkout makes a new one. One that is
    linked to nobody is found by its address as it is now. Raises StripeUnavailable (try again later) and WrongMode
    (somebody must look).
    """
    with it.database.reading() as session:
        seq = sync.requested(session, sync.CUSTOMER, customer_id)
        by_features = grants_by_feature(session)
    if not seq:
        return False
    raw = at_stripe.retrieve(it.stripe, customer_id)
    exists, mailbox = raw is not None, link_by_letter.mailbox(it.settings, at_stripe.email(raw))
    pays_with = instruments.of_customer(it.stripe, raw) if raw else []
    found = sold_features.of_customer(it.stripe, customer_id) if exists and by_features else []
    with it.database.transaction() as session:
        if not sync.accept(session, sync.CUSTOMER, customer_id, seq):
            return False
        identities.capture_of(session, it.settings, it.house, customer_id, pays_with)
        features = _known_features(session, customer_id) if found is None else found
        is_news = _is_news(session, customer_id, features, deleted=not exists)
        known = sync.request_subscriptions(session, customer_id) if is_news else set()
        row = update(Customer).where(Customer.id == customer_id)
        findable = case((Customer.account_id.is_(None), mailbox))
        session.execute(row.values(deleted=not exists, features=features, email_token=findable))
        if is_news:
            # those written while we waited for the row; one that is written later finds it deleted
            sync.request_subscriptions(session, customer_id, but=known)
    return True


def _known_features(session: Session, customer_id: str) -> list[str]:
    """What we have of a customer of whom Stripe does not let us ask it."""
    return session.scalar(select(Customer.features).where(Customer.id == customer_id)) or []


def _is_news(session: Session, customer_id: str, features: list[str], *, deleted: bool) -> bool:
    """Whether Stripe told anything that its subscriptions hang on; else they need not be asked for (subscriptions)."""
    known = session.execute(select(Customer.deleted, Customer.features).where(Customer.id == customer_id)).first()
    return known is not None and (known.deleted, known.features) != (deleted, features)


def grants_by_feature(session: Session) -> bool:
    """Whether any site lets readers write for a feature that they are entitled to, whatever product it comes with."""
    return any(
        not name.startswith(ID_PREFIXES) for products in session.scalars(select(Site.products)) for name in products
    )
