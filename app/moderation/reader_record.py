"""A reader's record, as moderators see it: standing, strikes, what was decided, names they bore before."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.accounts.lookalikes import skeleton
from app.accounts.standing import Standing
from app.errors import NotFound
from app.models import Account, Comment, EarlierName, Item, Report, Role, Sanction, Strike
from app.models.report import DISMISSED, UPHELD
from app.moderation import history, reports
from app.moderation.history import Decided
from app.moderation.ladder import points_in_force

MOST_ROWS_SHOWN = 50
T = TypeVar("T", Sanction, Strike, EarlierName)


@dataclass(frozen=True)
class Shares:
    """How many reports were found right, and how many not."""

    upheld: int
    dismissed: int


@dataclass(frozen=True)
class ReaderRecord:
    """All lists are newest first and hold at most MOST_ROWS_SHOWN rows; `comments` counts by state."""

    account: Account
    roles: list[Role]
    standing: Standing
    sanctions: list[Sanction]
    strikes: list[Strike]
    decisions: list[Decided]
    names: list[EarlierName]
    comments: dict[str, int]
    # what became of the reports against this reader, and of those by this reader
    against: Shares
    by: Shares
    at: datetime

    @property
    def points(self) -> int:
        """The strike points that count today."""
        return points_in_force(self.strikes, self.at)

    def counts(self, strike: Strike) -> bool:
        """Whether a strike has neither expired nor been revoked."""
        return points_in_force([strike], self.at) > 0


def named(session: Session, name: str) -> int | None:
    """The id of the account that bears `name`, or one that could be taken for it."""
    return session.scalar(select(Account.id).where(Account.name_skeleton == skeleton(name)))


def of(session: Session, account_id: int) -> ReaderRecord:
    """The record of an account; a fixed number of statements. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    by = reports.reporting_of(session, account_id)
    return ReaderRecord(
        account=account,
        roles=list(session.scalars(select(Role).where(Role.account_id == account_id))),
        standing=standing.read(session, account_id),
        sanctions=_latest(session, Sanction, account_id),
        strikes=_latest(session, Strike, account_id),
        decisions=history.of_account(session, account_id),
        names=_latest(session, EarlierName, account_id),
        comments=_comments(session, account_id),
        against=_against(session, account_id),
        by=Shares(by.upheld, by.dismissed),
        at=clock.now(),
    )


def _latest(session: Session, table: type[T], account_id: int) -> list[T]:
    found = select(table).where(table.account_id == account_id).order_by(table.id.desc()).limit(MOST_ROWS_SHOWN)
    return list(session.scalars(found))


def _comments(session: Session, account_id: int) -> dict[str, int]:
    found = select(Comment.state, func.count()).where(Comment.account_id == account_id).group_by(Comment.state)
    return dict(session.execute(found).all())


def _against(session: Session, account_id: int) -> Shares:
    found = session.execute(
        select(Report.outcome, func.count())
        .join(Item, Item.id == Report.item_id)
        .where(Item.account_id == account_id)
        .group_by(Report.outcome)
    )
    number = dict(found.all())
    return Shares(number.get(UPHELD, 0), number.get(DISMISSED, 0))
