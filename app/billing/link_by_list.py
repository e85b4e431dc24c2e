"""Links by the operator's list: a CSV file with the columns customer and account, one link in each row.

The account is its id, or the e-mail address that its reader has confirmed. Each row is a transaction of its own and can
be tried again, so that a list that was interrupted, or grew, is simply run again.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import ids
from app.accounts import emails
from app.billing import links
from app.billing.links import Proof
from app.db import retrying
from app.errors import Malformed
from app.installation import Installation
from app.models import Account, Customer
from app.models.account import ACTIVE
from config.policy import HouseRules
from config.settings import Settings

COLUMNS = ("customer", "account")


class Unknown(StrEnum):
    """Why a row names nothing that could be linked."""

    CUSTOMER = "unknown customer"
    ACCOUNT = "unknown account"


class NotAList(ValueError):
    """The file lacks the columns."""


def link_all(
    it: Installation, lines: Iterable[str], *, dry_run: bool = False, tell: Callable[[int, str], None] = lambda *_: None
) -> Counter[str]:
    """Link each row's customer to its account; how many ended how, by the values of LinkOutcome and Unknown.

    `tell` hears of the number of each line and its end. A dry run changes nothing. Raises NotAList.
    """
    rows = csv.DictReader(lines, skipinitialspace=True)
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise NotAList

    @retrying
    def link(customer: str, account: str) -> str:
        with it.database.reading() if dry_run else it.database.transaction() as session:
            return _link(session, it.settings, it.house, customer, account, dry_run=dry_run)

    ends: Counter[str] = Counter()
    for row in rows:
        end = link(*((row[name] or "").strip() for name in COLUMNS))
        ends[end] += 1
        tell(rows.line_num, end)
    return ends


def _link(
    session: Session, settings: Settings, house: HouseRules, customer: str, account: str, *, dry_run: bool
) -> str:
    known = session.scalar(select(Customer.id).where(Customer.id == customer, Customer.deleted.is_(False)))
    if known is None:
        return Unknown.CUSTOMER
    account_id = session.scalar(select(Account.id).where(Account.state == ACTIVE, _names(settings, account)))
    if account_id is None:
        return Unknown.ACCOUNT
    if dry_run:
        return links.foresee(session, customer, account_id)
    return links.link(session, house, customer, account_id, Proof.OPERATOR)


def _names(settings: Settings, account: str) -> ColumnElement[bool]:
    if "@" not in account:
        return Account.id == (ids.parse(account) or 0)
    try:
        mailbox = emails.token(settings, emails.check(account))
    except Malformed:
        mailbox = ""
    return (Account.email_token == mailbox) & Account.verified_at.is_not(None)
