"""From a button to a subscription and back: Checkout, the Portal, and the way home from them.

The customer is made first and kept, so that whatever Stripe tells later about it finds its account. No e-mail is ever
used to find one.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.billing import stated, subscriptions, sync
from app.billing.entitlement import CLOSED_STATUSES
from app.db import Database, insert_once
from app.errors import Conflict, NotFound, Unready
from app.gateway import checkout as hosted
from app.gateway import customers
from app.gateway.client import Stripe
from app.language import mark
from app.models import Account, Customer, Subscription
from config.settings import Settings

RETURN_PATH = "/subscription/return?session={CHECKOUT_SESSION_ID}"
PAGE = "/subscription"


class AlreadySubscribed(Conflict):
    """Paying twice for one thing helps nobody."""

    code = "already_subscribed"
    sentence = mark("You have a subscription already. You can manage it here.")


def begin(database: Database, stripe: Stripe, settings: Settings, account_id: int, language: str) -> str:
    """The address of a Checkout page where this account can subscribe.

    Raises AlreadySubscribed while a subscription to the same price lives, StripeUnavailable, and Unready where no
    price is set.
    """
    if not settings.stripe_price:
        raise Unready("no_price")
    with database.reading() as session:
        if is_subscribed(session, account_id, settings.stripe_price):
            raise AlreadySubscribed
    return hosted.create(
        stripe,
        account_id,
        ensure_customer(database, stripe, account_id),
        settings.stripe_price,
        success_url=settings.public_url + RETURN_PATH,
        cancel_url=settings.public_url + PAGE,
        language=language,
    )


def ensure_customer(database: Database, stripe: Stripe, account_id: int) -> str:
    """The id of the account's Stripe customer, made now if it has none."""
    with database.reading() as session:
        existing = customer_of(session, account_id)
        if existing is not None:
            return existing
        email = session.scalar(select(Account.email).where(Account.id == account_id))
        earlier = session.scalar(select(func.count()).where(Customer.account_id == account_id)) or 0
    customer_id = customers.create(stripe, account_id, email, attempt=earlier)
    with database.transaction() as session:
        insert_once(
            session,
            Customer,
            id=customer_id,
            account_id=account_id,
            deleted=False,
            created_at=clock.now(),
        )
    return customer_id


def customer_of(session: Session, account_id: int) -> str | None:
    """The account's newest customer that Stripe has not deleted."""
    known = select(Customer.id).where(Customer.account_id == account_id, Customer.deleted.is_(False))
    return session.scalars(known.order_by(Customer.created_at.desc(), Customer.id).limit(1)).first()


def portal(database: Database, stripe: Stripe, settings: Settings, account_id: int, language: str) -> str:
    """The address of the account's Portal page, for banned readers too: everyone may leave. Raises NotFound."""
    with database.reading() as session:
        customer_id = customer_of(session, account_id)
    if customer_id is None:
        raise NotFound
    return hosted.create_portal(stripe, customer_id, settings.public_url + PAGE, language)


def complete(database: Database, stripe: Stripe, account_id: int, session_id: str) -> None:
    """Back from Checkout: learn at once what was bought, since the webhook may be late. Raises NotFound.

    A session counts only for the account that began it: both its reference and its customer must be this account's.
    """
    bought = hosted.retrieve(stripe, session_id)
    if bought is None or bought.get("client_reference_id") != str(account_id):
        raise NotFound
    with database.reading() as session:
        customer = session.get(Customer, bought.get("customer") or "")
    if customer is None or customer.account_id != account_id:
        raise NotFound
    subscription_id = bought.get("subscription")
    if subscription_id is None:
        return  # paid by a method that takes days: a webhook will tell
    with database.transaction() as session:
        sync.request(session, sync.SUBSCRIPTION, subscription_id)
    subscriptions.refresh(database, stripe, subscription_id)


def is_subscribed(session: Session, account_id: int, price: str) -> bool:
    """Whether a subscription of the account lives, paid or not: then the Portal is the place to go.

    To `price`, or to anything else that lets its reader write: many came to us with the prices of earlier years.
    """
    now, wanted = clock.now(), {price, *stated.granting_names(session)}
    mine = session.scalars(select(Subscription).where(Subscription.account_id == account_id))
    return any(
        not wanted.isdisjoint(each.products)
        and not each.deleted
        and each.status not in CLOSED_STATUSES.keys() - {"unpaid", "paused"}
        and (each.ended_at is None or each.ended_at > now)
        for each in mine
    )
