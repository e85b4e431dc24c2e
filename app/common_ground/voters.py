"""Whose reactions are votes: a person has one, whatever accounts they have; who is banned or left theirs out, none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import selves, standing
from app.common_ground.model import Indexes
from app.models import Account, Sanction
from app.models.account import ERASED
from app.models.sanction import BAN, is_in_force


@dataclass(frozen=True)
class Voters:
    """`several`: the accounts of persons who have more than one, in order, and `persons` who they are: the first of
    them. The reactions of the accounts `silent` and the persons `banned` do not count.
    """

    several: Indexes
    persons: Indexes
    silent: Indexes
    banned: Indexes

    def person(self, accounts: Indexes) -> Indexes:
        """Whose accounts these are."""
        if not len(self.several):
            return accounts
        places = np.searchsorted(self.several, accounts).clip(max=len(self.several) - 1)
        return np.where(self.several[places] == accounts, self.persons[places], accounts)

    def count(self, accounts: Indexes, persons: Indexes) -> NDArray[np.bool_]:
        """Whether the reactions of these accounts, and the persons whose they are, count."""
        return ~(np.isin(accounts, self.silent) | np.isin(persons, self.banned))


def leave_out(session: Session, account_id: int, *, left_out: bool) -> None:
    """Have the account's reactions count no more, or again, from the next search on. Nothing else changes by it."""
    standing.lock(session, account_id).reactions_left_out = left_out


def now(session: Session) -> Voters:
    """Everybody, as things stand. Three statements."""
    several = selves.of_shared_mailboxes(session)
    silent = select(Account.id).where(or_(Account.reactions_left_out, Account.state == ERASED))
    banned = select(Sanction.account_id).where(Sanction.kind == BAN, is_in_force(clock.now()))
    accounts = sorted(several)
    return Voters(
        np.array(accounts, np.int64),
        np.array([several[account] for account in accounts], np.int64),
        np.array(session.scalars(silent).all(), np.int64),
        np.array([several.get(account, account) for account in session.scalars(banned)], np.int64),
    )
