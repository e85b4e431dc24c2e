"""Which account a customer at Stripe belongs to: the first that proves it, and one only.

Tens of thousands of customers may be older than this installation. They wait without an account until their reader
proves to be the payer: the paper vouches, the operator says so, or a letter to the address at Stripe was read. Whoever
comes second moves nothing, however good their proof: a moderator looks at it. A customer of an erased account stays
with it, since an orphan could be linked to somebody else.

The customer changes hands here, and its subscriptions do not: whoever had them loses them at once, and for whoever has
proven to be their payer they count (billing.subscriptions) when it is known what they are paid with. Otherwise a
banned reader could link an old customer and write until the worker has found out.

Rows are locked in the order sync, account, customer, subscription; refreshing takes them in the same order.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import names, standing
from app.billing import sync
from app.db import find_locked, insert_once
from app.errors import Conflict
from app.mail import letters
from app.models import Account, Charge, Customer, PaymentCase, Subscription
from app.models.account import ACTIVE
from app.models.letter import LINK_MOVED_AWAY, LINK_MOVED_HERE
from app.models.payment_case import CONTESTED_LINK, DISMISSED, OPEN
from app.payers import payment_cases
from app.payers.payment_cases import PayerFinding
from config.policy import HouseRules


class Proof(StrEnum):
    """Why somebody was believed to be the payer, as the ledger names it."""

    CHECKOUT = "checkout"
    PAPER = "paper"
    OPERATOR = "operator"
    LETTER = "letter"


class LinkOutcome(StrEnum):
    """What became of a link that was asked for; the values stand in what btl billing link prints."""

    LINKED = "linked"
    ALREADY = "already"
    CONTESTED = "claimed_twice"


def link(session: Session, house: HouseRules, customer_id: str, account_id: int, proof: Proof) -> LinkOutcome:
    """Give a customer to the account that has proven to be its payer, unless somebody has it; mark what it pays for.

    Its subscriptions are pending until they were asked for again. A banned reader is linked too: the ban is in force
    all the same. Call it before anything is locked. Raises SignInRequired for an account that is erased or unknown.
    """
    marked: set[str] = set()
    if foresee(session, customer_id, account_id) is LinkOutcome.LINKED:
        marked = refetch(session, customer_id)
    standing.lock(session, account_id)
    insert_once(session, Customer, id=customer_id, account_id=None, created_at=clock.now())
    customer = _locked(session, customer_id)
    if customer.account_id == account_id:
        return LinkOutcome.ALREADY
    if customer.account_id is not None:
        payment_cases.ask(session, house, PayerFinding(CONTESTED_LINK, account_id, customer_id))
        return LinkOutcome.CONTESTED
    _give(session, customer, account_id, marked)
    details = {"customer": customer_id, "proof": proof.value}
    ledger.append(session, ledger.Entry(account_id, "customer.link", "account", account_id, details=details))
    return LinkOutcome.LINKED


def foresee(session: Session, customer_id: str, account_id: int) -> LinkOutcome:
    """What `link` would answer now. Changes nothing."""
    owner = session.scalar(select(Customer.account_id).where(Customer.id == customer_id))
    if owner is None:
        return LinkOutcome.LINKED
    return LinkOutcome.ALREADY if owner == account_id else LinkOutcome.CONTESTED


def refetch(session: Session, customer_id: str) -> set[str]:
    """Have the customer asked for again, and what it has paid and subscribes to: who pays, and with what, is not known.

    What was paid with and taken off since shows in the payments alone. Returns the ids of the subscriptions.
    """
    sync.request(session, sync.CUSTOMER, customer_id)
    paid = select(Charge.id).where(Charge.customer_id == customer_id).order_by(Charge.id)
    for charge_id in session.scalars(paid).all():
        sync.request(session, sync.CHARGE, charge_id)
    return sync.request_subscriptions(session, customer_id)


def announce_hand_over(session: Session, account_id: int) -> dict[str, set[str]]:
    """Have all customers of an account asked for again, before anything is locked, for `hand_over`."""
    theirs = select(Customer.id).where(Customer.account_id == account_id).order_by(Customer.id)
    return {customer_id: refetch(session, customer_id) for customer_id in session.scalars(theirs).all()}


def hand_over(session: Session, announced: Mapping[str, Collection[str]], account_id: int) -> None:
    """Give the customers of one account of a person to another (both locked), as it was announced."""
    for customer_id, marked in announced.items():
        _give(session, _locked(session, customer_id), account_id, marked)
        details = {"customer": customer_id, "proof": Proof.PAPER.value}
        ledger.append(session, ledger.Entry(account_id, "customer.link", "account", account_id, details=details))


def contested(session: Session, account_id: int) -> str | None:
    """What became (PaymentCase.outcome) of the latest link that the account asked for and somebody else has.

    None unless it is open or was refused.
    """
    of_account = PaymentCase.account_id == account_id, PaymentCase.kind == CONTESTED_LINK
    latest = select(PaymentCase.outcome).where(*of_account).order_by(PaymentCase.id.desc()).limit(1)
    outcome = session.scalar(latest)
    return outcome if outcome in (OPEN, DISMISSED) else None


def move(session: Session, actor_id: int, case_id: int) -> None:
    """Give the customer that a case is about to the account that asked for it, as the moderator `actor_id` decided.

    Who had it loses its subscriptions now; the other account has them as after `link`.

    Raises Conflict where that account is gone, or where the customer found its way to somebody else meanwhile.
    """
    case = session.get_one(PaymentCase, case_id)
    customer_id = case.reference
    marked = refetch(session, customer_id)
    owner = session.scalar(select(Customer.account_id).where(Customer.id == customer_id))
    both = {case.account_id, owner or case.account_id}
    accounts = {each: find_locked(session, Account, Account.id == each) for each in sorted(both)}
    asking = accounts[case.account_id]
    customer = _locked(session, customer_id)
    if asking is None or asking.state != ACTIVE or customer.account_id != owner:
        raise Conflict
    if owner != asking.id:
        _give(session, customer, asking.id, marked)
        letters.write(session, asking.id, LINK_MOVED_HERE)
        if owner is not None:
            letters.write(session, owner, LINK_MOVED_AWAY)
        details = {"customer": customer_id, "former": str(owner)}
        ledger.append(session, ledger.Entry(actor_id, "customer.move", "account", asking.id, details=details))


def _locked(session: Session, customer_id: str) -> Customer:
    customer = find_locked(session, Customer, Customer.id == customer_id)
    if customer is None:
        raise Conflict
    return customer


def _give(session: Session, customer: Customer, account_id: int, marked: Collection[str]) -> None:
    """Once it has an account it is found by that: the digest of its address has done its work."""
    former, customer.account_id, customer.email_token = customer.account_id, account_id, None
    session.flush()
    if former is not None:
        theirs = Subscription.customer_id == customer.id, Subscription.account_id == former
        session.execute(update(Subscription).where(*theirs).values(account_id=None))
    # those written while we waited for the row; one that is written later finds whose it is
    sync.request_subscriptions(session, customer.id, but=marked)
    for each in (account_id, former):
        if each is not None:
            names.compare(session, each)
