"""From a button to a subscription and back: Checkout, the Portal, and the way home from them.

The customer is made first and kept, so that whatever Stripe tells later about it finds its account. No e-mail is ever
used to find one.
"""

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.billing import columns_from_stripe, customers, links, pending, references, subscriptions, sync
from app.billing.entitlement import CLOSED_STATUSES
from app.db import Database, insert_once
from app.errors import Conflict, NotFound, Unready
from app.gateway import checkout as hosted
from app.gateway import customers as at_stripe
from app.gateway.checkout import Bought, CheckoutOrder
from app.gateway.client import Stripe, StripeRefused
from app.gateway.events import CHECKOUT_SESSION
from app.installation import Installation
from app.language import mark
from app.models import Account, Customer, Subscription
from app.models.account import ACTIVE
from app.models.customer import newest_of
from config.policy import HouseRules
from config.settings import Settings

RETURN_PATH = "/subscription/return?session={CHECKOUT_SESSION_ID}"
PAGE = "/subscription"


class AlreadySubscribed(Conflict):
    """Paying twice for one thing helps nobody."""

    code = "already_subscribed"
    sentence = mark("You have a subscription already. You can manage it here.")


def begin(it: Installation, account_id: int, language: str) -> str:
    """The address of a Checkout page where this account can subscribe.

    Raises AlreadySubscribed while a subscription to the same price lives, Restricted (unverified), StripeUnavailable,
    and Unready where no price is set.
    """
    if not it.settings.stripe_price:
        raise Unready("no_price")
    with it.database.reading() as session:
        if session.scalar(select(Account.verified_at).where(Account.id == account_id)) is None:
            # or they would pay and still not write
            raise standing.refusal("unverified")
        if is_subscribed(session, account_id, it.settings.stripe_price):
            raise AlreadySubscribed
    customer_id = ensure_customer(it.database, it.stripe, account_id)
    try:
        return _page(it, account_id, customer_id, language)
    except StripeRefused as refusal:
        if not _is_gone(refusal):
            raise
    forget(it.database, customer_id)
    return _page(it, account_id, ensure_customer(it.database, it.stripe, account_id), language)


def _page(it: Installation, account_id: int, customer_id: str, language: str) -> str:
    order = CheckoutOrder(
        account_id=account_id,
        reference=references.issue(it.settings, account_id),
        customer=customer_id,
        price=it.settings.stripe_price,
        success_url=it.settings.public_url + RETURN_PATH,
        cancel_url=it.settings.public_url + PAGE,
        language=language,
    )
    return hosted.create(it.stripe, order)


def _is_gone(refusal: StripeRefused) -> bool:
    """Whether Stripe refused because it has deleted the customer, which we have not heard yet."""
    return (refusal.reason, refusal.param) == ("resource_missing", "customer")


def forget(database: Database, customer_id: str) -> None:
    """Stripe has no such customer any more: keep that, and have its subscriptions looked at."""
    with database.transaction() as session:
        sync.request(session, sync.CUSTOMER, customer_id)
        sync.request_subscriptions(session, customer_id)
        session.execute(update(Customer).where(Customer.id == customer_id).values(deleted=True))


def ensure_customer(database: Database, stripe: Stripe, account_id: int) -> str:
    """The id of the account's Stripe customer, made now if it has none."""
    with database.reading() as session:
        existing = customer_of(session, account_id)
        if existing is not None:
            return existing
        email = session.scalar(select(Account.email).where(Account.id == account_id))
        earlier = session.scalar(select(func.count()).where(Customer.account_id == account_id)) or 0
    customer_id = at_stripe.create(stripe, account_id, email, attempt=earlier)
    with database.transaction() as session:
        insert_once(session, Customer, id=customer_id, account_id=account_id, created_at=clock.now())
    return customer_id


def customer_of(session: Session, account_id: int) -> str | None:
    """The account's newest customer that Stripe has not deleted."""
    return session.scalar(newest_of(account_id, 1))


def portal(it: Installation, account_id: int, language: str) -> str:
    """The address of the account's Portal page, for banned readers too: everyone may leave. Raises NotFound."""
    with it.database.reading() as session:
        customer_id = customer_of(session, account_id)
    if customer_id is None:
        raise NotFound
    try:
        return hosted.create_portal(it.stripe, customer_id, it.settings.public_url + PAGE, language)
    except StripeRefused as refusal:
        if not _is_gone(refusal):
            raise
    forget(it.database, customer_id)
    raise NotFound


def complete(it: Installation, account_id: int, session_id: str) -> bool:
    """Back from Checkout: learn at once what was bought, since the webhook may be late. Whether the money is here.

    A session counts only for the account that began it: both its reference and its customer must be this account's.
    Raises NotFound otherwise, and StripeUnavailable.
    """
    bought = hosted.retrieve(it.stripe, session_id)
    if bought is None or references.account_of(it.settings, bought.reference) != account_id:
        raise NotFound
    with it.database.transaction() as session:
        _take(session, it.settings, it.house, bought)
    with it.database.reading() as session:
        customer = session.get(Customer, bought.customer or "")
        by_features = customers.grants_by_feature(session)
    if customer is None or customer.account_id != account_id:
        raise NotFound
    if bought.subscription is not None:
        subscriptions.refresh(it, bought.subscription)
        if by_features:
            customers.refresh(it, customer.id)
    return bought.paid


def refresh(it: Installation, session_id: str) -> bool:
    """The same, told by Stripe: fetch the session, link its customer, mark what it brought about.

    False where somebody did so since it was marked. Raises StripeUnavailable, and MalformedObject or WrongMode.
    """
    with it.database.reading() as session:
        seq = sync.requested(session, CHECKOUT_SESSION, session_id)
    if not seq:
        return False
    bought = hosted.retrieve(it.stripe, session_id)
    with it.database.transaction() as session:
        if not sync.accept(session, CHECKOUT_SESSION, session_id, seq):
            return False
        if bought is not None:
            _take(session, it.settings, it.house, bought)
    return True


def _take(session: Session, settings: Settings, house: HouseRules, bought: Bought) -> None:
    """Have fetched what a Checkout brought about; give its customer to the account that it was for, unless somebody has
    it.
    """
    for kind, identifier in bought.hints():
        sync.request(session, kind, identifier)
    account_id = references.account_of(settings, bought.reference)
    account = session.get(Account, account_id) if account_id is not None else None
    if not bought.complete or bought.customer is None or account is None or account.state != ACTIVE:
        return
    if links.foresee(session, bought.customer, account.id) is not links.LinkOutcome.ALREADY:
        links.link(session, house, bought.customer, account.id, links.Proof.CHECKOUT)


def is_subscribed(session: Session, account_id: int, price: str) -> bool:
    """Whether a subscription of the account lives, paid or not: then the Portal is the place to go.

    To `price`, or to anything else that lets its reader write: many came to us with the prices of earlier years.
    """
    now, wanted = clock.now(), {price, *columns_from_stripe.granting_names(session)}
    theirs = or_(Subscription.account_id == account_id, pending.by(account_id))
    mine = session.scalars(select(Subscription).where(theirs))
    return any(
        not wanted.isdisjoint(each.products)
        and not each.deleted
        and each.status not in CLOSED_STATUSES.keys() - {"unpaid", "paused"}
        and (each.ended_at is None or each.ended_at > now)
        for each in mine
    )
