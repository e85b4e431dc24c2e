"""A subscription linked by letter: whoever reads the mail of the address at Stripe may link the customer.

Whoever asks learns the same, whether or not anybody pays with the address; too many letters are left out in silence,
since even a refusal would tell. The address is asked of Stripe when the letter is sent, and kept nowhere.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails, one_time_tokens, standing
from app.billing import links
from app.billing.entitlement import CLOSED_STATUSES
from app.billing.links import LinkOutcome, Proof
from app.errors import Malformed
from app.gateway import customers
from app.installation import Installation
from app.jobs.runner import Handler
from app.mail import letters
from app.models import Customer, Letter, Subscription
from app.models.letter import LINK
from config.policy import HouseRules
from config.settings import Settings

# of one mailbox with several customers at Stripe, those that are asked about at once
MOST_CUSTOMERS = 3
# within a day
LETTERS_TO_A_CUSTOMER, LETTERS_FOR_AN_ACCOUNT = 3, 6
DAY = timedelta(days=1)


def ask(session: Session, settings: Settings, account_id: int, email: str) -> None:
    """Have a letter written to each customer that waits under the mailbox of `email`, for the account to be linked.

    Raises Malformed (422) for what is no address or none that letters reach, Restricted (403) for an account that has
    not confirmed its own.
    """
    wanted = emails.token(settings, emails.reachable(email))
    account = standing.lock(session, account_id)
    if account.verified_at is None:
        raise standing.refusal("unverified")
    for customer_id in _waiting(session, wanted):
        to_customer = Letter.customer_id == customer_id
        if (
            _written(session, to_customer, letters.BETWEEN_LETTERS) == 0
            and _written(session, to_customer, DAY) < LETTERS_TO_A_CUSTOMER
            and _written(session, Letter.account_id == account_id, DAY) < LETTERS_FOR_AN_ACCOUNT
        ):
            letters.write(session, account_id, LINK, customer_id=customer_id)


def redeem(session: Session, settings: Settings, house: HouseRules, account_id: int, secret: str) -> LinkOutcome:
    """Link the customer whose mail had `secret` to the account that asked for it. Raises Malformed token_invalid."""
    customer_id = one_time_tokens.use_link(session, settings, secret, account_id)
    return links.link(session, house, customer_id, account_id, Proof.LETTER)


def mailbox(settings: Settings, email: str | None) -> str | None:
    """The digest by which a customer with this address at Stripe is found; None for what no letter could go to."""
    address = _writable(email)
    return emails.token(settings, address) if address else None


def handlers(it: Installation) -> Mapping[str, Handler]:
    """The job that sends such a letter."""

    def send(payload: dict[str, Any]) -> None:
        with it.database.reading() as session:
            letter = letters.unsent(session, payload)
        if letter is None or letter.customer_id is None:
            return
        address = _writable(customers.email(customers.retrieve(it.stripe, letter.customer_id)))
        secret = ""
        with it.database.transaction() as session:
            customer = session.get(Customer, letter.customer_id)
            if customer is None or customer.account_id is not None:
                address = None  # linked meanwhile
            if address is not None:
                assert letter.account_id is not None
                secret = one_time_tokens.issue(session, it.settings, letter.account_id, LINK, letter.customer_id)
        letters.deliver(it, letter, address, {"secret": secret})

    return {letters.SEND_TO_CUSTOMER: send}


def _waiting(session: Session, wanted: str) -> list[str]:
    """Customers without an account, those with a subscription that runs first."""
    living = exists().where(Subscription.customer_id == Customer.id, Subscription.status.not_in(CLOSED_STATUSES))
    orphans = select(Customer.id).where(
        Customer.email_token == wanted, Customer.account_id.is_(None), Customer.deleted.is_(False)
    )
    return list(session.scalars(orphans.order_by(living.desc(), Customer.created_at.desc()).limit(MOST_CUSTOMERS)))


def _written(session: Session, whose: ColumnElement[bool], within: timedelta) -> int:
    lately = Letter.kind == LINK, Letter.created_at > clock.now() - within
    return session.scalar(select(func.count()).select_from(Letter).where(whose, *lately)) or 0


def _writable(email: str | None) -> str | None:
    try:
        return emails.reachable(email) if email else None
    except Malformed:
        return None
