"""Which accounts are one person's, as far as that is known without asking anybody.

Accounts of one mailbox are, and those of one log-in elsewhere, whether they are still there or erased: what one of them
may not do, none may. Who pays
with what was paid with for an erased account, and had not before it was erased, is taken to have come back: strikes
and unread warnings count on, unless a moderator has told the two apart. Whether a ban or a suspension does is for a
person to judge (payers.returns), since a household shares a card.

Nothing of this is stored. It follows from the traits of the accounts at the moment that it is asked, so that it does
not matter what came first: the sign-up, the erasure, or the decision.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Integer,
    Text,
    and_,
    case,
    cast,
    exists,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session, aliased

from app.db import is_one_of
from app.models import Account, PaymentCase, Trait
from app.models.payment_case import ALLOWED, POSSIBLE_RETURN
from app.models.trait import STRONG, SURE


def of_mailbox(account_id: Any) -> CompoundSelect[int]:
    """The ids of the account (an id, or SQL for one) and of all others of its mailbox."""
    mine, theirs = aliased(Trait), aliased(Trait)
    same = select(theirs.account_id).join(mine, surely(mine, theirs))
    return union(select(cast(account_id, BigInteger)), same.where(mine.account_id == account_id))


def own(session: Session, account_id: int) -> frozenset[int]:
    """The same, asked: whatever is forbidden to one of them because of what it is to a case, is to all."""
    return frozenset(session.scalars(of_mailbox(account_id)))


def of_mailboxes(account_ids: Collection[int]) -> CTE:
    """The same for several: each of the accounts as `account`, with every one of its mailbox as `id`."""
    mine, theirs = aliased(Trait), aliased(Trait)
    same = select(mine.account_id, theirs.account_id).join(theirs, surely(mine, theirs))
    own = select(Account.id.label("account"), Account.id.label("id")).where(Account.id.in_(account_ids))
    return union(own, same.where(mine.account_id.in_(account_ids))).cte("of_mailboxes")


def of_shared_mailboxes(session: Session) -> dict[int, int]:
    """The same for all at once: each account that is not the only one of its person, with the first of them. One
    statement.
    """
    mine, theirs = aliased(Trait), aliased(Trait)
    pairs = select(mine.account_id, theirs.account_id).join(theirs, surely(mine, theirs))
    first: dict[int, int] = {}

    def first_of(account: int) -> int:
        while first.get(account, account) != account:
            account = first[account]
        return account

    for one, other in session.execute(pairs.where(mine.account_id < theirs.account_id)):
        least, greatest = sorted((first_of(one), first_of(other)))
        first[one] = first[other] = first[greatest] = first[least] = least
    return {account: first_of(account) for account in first}


def of(account_id: Any) -> CTE:
    """The accounts that the account (an id, or SQL for one) was or is, itself included.

    Columns: `id`, and `sure` (1 or 0), whether only mailboxes led there.
    """
    known = select(cast(account_id, BigInteger).label("id"), literal(1, Integer).label("sure"))
    selves = known.cte("selves", recursive=True)
    mine, theirs = aliased(Trait), aliased(Trait)
    sure = surely(mine, theirs)
    further = (
        select(theirs.account_id, case((sure, selves.c.sure), else_=0))
        .select_from(selves)
        .join(mine, mine.account_id == selves.c.id)
        .join(theirs, and_(theirs.token == mine.token, theirs.account_id != mine.account_id))
        .join(Account, Account.id == theirs.account_id)
        .where(or_(sure, _came_back(mine)))
    )
    return selves.union(further)


def surely(mine: type[Trait], theirs: type[Trait]) -> ColumnElement[bool]:
    """Whether two traits are the same of one person. A mailbox that the paper only names (TOLD_MAILBOX) has the token
    of a confirmed one, so either must be sure.
    """
    return and_(mine.token == theirs.token, is_one_of(mine.kind, SURE), is_one_of(theirs.kind, SURE))


def _came_back(mine: type[Trait]) -> ColumnElement[bool]:
    """Whether the account of `mine` was first seen with that trait when the other, `Account`, was erased already."""
    told_apart = exists().where(
        PaymentCase.account_id == mine.account_id,
        PaymentCase.kind == POSSIBLE_RETURN,
        PaymentCase.reference == cast(Account.id, Text),
        PaymentCase.outcome == ALLOWED,
    )
    return and_(is_one_of(mine.kind, STRONG), Account.erased_at <= mine.first_seen_at, ~told_apart)
