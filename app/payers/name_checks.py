"""Whether readers write under the name they pay under: asked of Stripe, answered by yes or no, and only that is kept.

A name is compared when a period has been paid and when it is changed. A moderator's exception outlives payments, not
a change of name. Where no newspaper wants to know, nobody is asked.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, ids
from app.accounts import names, standing
from app.db import find_locked
from app.errors import Conflict
from app.gateway import billing_names
from app.installation import Installation
from app.jobs import queue
from app.language import mark
from app.models import Account, Customer, EarlierName, PaymentCase, Site
from app.models.account import ACTIVE, AGREED, EXCEPTION, MATCH, MISMATCH
from app.models.customer import newest_of
from app.models.payment_case import NAME_MISMATCH
from app.payers import payment_cases
from app.payers.payment_cases import PayerFinding
from app.payers.person_names import agrees
from config.policy import HouseRules

CHECK_ALL = "billing.check_names"
# most customers of one account that are asked for, the newest first
MOST_CUSTOMERS = 5
BATCH_ACCOUNTS = 200
# leaves most of our turns at Stripe to what readers wait for
TIME_BETWEEN_CHECKS = timedelta(milliseconds=250)


def check(it: Installation, account_id: int) -> None:
    """Job: compare the account's display name with the name it pays under, if any. Raises StripeUnavailable."""
    with it.database.reading() as session:
        account = session.get(Account, account_id)
        if account is None or account.name_check == EXCEPTION or site_that_asks(session, it.house) is None:
            return
        shown, customers = account.name, session.scalars(newest_of(account_id, MOST_CUSTOMERS)).all()
    billed = [name for customer_id in customers if (name := billing_names.of_customer(it.stripe, customer_id))]
    found = MATCH if any(agrees(shown, name) for name in billed) else MISMATCH if billed else None
    with it.database.transaction() as session:
        account = find_locked(session, Account, Account.id == account_id, Account.state == ACTIVE)
        # another name has a check of its own to come
        if account is not None and account.name == shown and account.name_check != EXCEPTION:
            settle(session, account, found)


def settle(session: Session, account: Account, found: str | None) -> None:
    """What the check of the name of `account` (locked) came to (models.account; None: not compared). Readers see it
    beside all that it wrote.
    """
    was, account.name_check = account.name_check in AGREED, found
    if was != (found in AGREED):
        names.announce(session, account.id)


def ask_for_exception(session: Session, house: HouseRules, account_id: int) -> None:
    """Have a moderator decide whether the account may bear its name, which is not the payer's; once for each name.

    Raises SignInRequired, Restricted, Conflict (no_exception_needed, already_asked).
    """
    account = standing.lock(session, account_id)
    standing.require_good(session, account)
    site_id = site_that_asks(session, house)
    if site_id is None or account.name_check in AGREED:
        raise Conflict("no_exception_needed", mark("Your name needs no exception."))
    finding = PayerFinding(NAME_MISMATCH, account_id, naming(session, account_id))
    if payment_cases.ask(session, house, finding, site_id) is None:
        raise Conflict("already_asked", mark("You have asked for this name already."))


def allow(session: Session, account: Account, case_id: int) -> None:
    """A moderator makes an exception for the name of `account` (locked), if it is still the one that was asked for.

    Raises Conflict (name_changed).
    """
    if naming(session, account.id) != session.get_one(PaymentCase, case_id).reference:
        raise Conflict("name_changed", mark("This reader bears another name by now."))
    settle(session, account, EXCEPTION)


def withdraw(session: Session, account: Account, case_id: int) -> None:
    """What `allow` did was a mistake: the name of `account` (locked), if it is still that, counts as it is compared."""
    still = naming(session, account.id) == session.get_one(PaymentCase, case_id).reference
    if still and account.name_check == EXCEPTION:
        settle(session, account, None)
        names.compare(session, account.id)


def asked(session: Session, account: Account) -> str | None:
    """What became of the exception that was asked for the account's present name (PaymentCase.outcome), if it was."""
    of_name = select(PaymentCase.outcome).where(
        PaymentCase.account_id == account.id,
        PaymentCase.kind == NAME_MISMATCH,
        PaymentCase.reference == naming(session, account.id),
    )
    return session.scalar(of_name)


def naming(session: Session, account_id: int) -> str:
    """What tells the question about an account's present name from that about its next, and gives neither away."""
    given_up = select(func.max(EarlierName.id)).where(EarlierName.account_id == account_id)
    return str(session.scalar(given_up) or 0)


def site_that_asks(session: Session, house: HouseRules) -> int | None:
    """The first newspaper that wants names compared; None where none does."""
    sites = session.execute(select(Site.id, Site.policy).order_by(Site.id))
    return next((row.id for row in sites if house.at(row.policy).payments.names != "free"), None)


def check_all(session: Session, after: int = 0) -> None:
    """Job: compare the names of all who ever paid, in time, since there may be many: a part now, the rest by and by."""
    payers = select(Customer.account_id).where(Customer.account_id > after).distinct()
    found = session.scalars(payers.order_by(Customer.account_id).limit(BATCH_ACCOUNTS)).all()
    now = clock.now()
    for place, account_id in enumerate(found):
        assert account_id is not None
        names.compare(session, account_id, now + place * TIME_BETWEEN_CHECKS)
    if len(found) == BATCH_ACCOUNTS:
        rest = {"after": ids.text(found[-1])}
        queue.enqueue(session, CHECK_ALL, rest, run_at=now + BATCH_ACCOUNTS * TIME_BETWEEN_CHECKS, unique_key=CHECK_ALL)


def request_all(session: Session) -> None:
    """Have the names of all who pay compared: the policy asks for it now, and did not before."""
    queue.enqueue(session, CHECK_ALL, {"after": "0"}, unique_key=CHECK_ALL)
