"""A reader's record, as moderators see it: standing, strikes, what was decided, names they bore before.

Standing and points count everywhere, so that every moderator sees them. What they come from, and all else, is shown to
who has a role at the site where it happened.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import names, selves, standing
from app.accounts.identity import Identity
from app.accounts.lookalikes import skeleton
from app.accounts.standing import Standing
from app.errors import NotFound
from app.models import Account, Comment, Decision, EarlierName, Item, Report, Sanction, Site, Strike
from app.models.report import DISMISSED, UPHELD
from app.moderation import history, strikes
from app.moderation.history import Decided
from app.moderation.ladder import points_in_force

MOST_ROWS_SHOWN = 50
T = TypeVar("T", Sanction, Strike)


@dataclass(frozen=True)
class Shares:
    """How many reports were found right, and how many not."""

    upheld: int
    dismissed: int


@dataclass(frozen=True)
class ReaderRecord:
    """All lists are newest first and hold at most MOST_ROWS_SHOWN rows; `comments` counts by state.

    `everywhere` are all strikes, wherever they come from: what they add up to is for every moderator to know.
    """

    account: Account
    standing: Standing
    sanctions: list[Sanction]
    strikes: list[Strike]
    decisions: list[Decided]
    names: list[EarlierName]
    neutral_name: bool
    comments: dict[str, int]
    # what became of the reports against this reader, and of those by this reader
    against: Shares
    by: Shares
    at: datetime
    everywhere: list[Strike]

    @property
    def points(self) -> int:
        """The strike points that count today."""
        return points_in_force(self.everywhere, self.at)

    def counts(self, strike: Strike) -> bool:
        """Whether a strike has neither expired nor been revoked."""
        return points_in_force([strike], self.at) > 0


def named(session: Session, name: str) -> int | None:
    """The id of the account that bears `name`, or one that could be taken for it."""
    return session.scalar(select(Account.id).where(Account.name_skeleton == skeleton(name)))


def of(session: Session, viewer: Identity, account_id: int) -> ReaderRecord:
    """The record of an account as `viewer` may see it; a fixed number of statements. Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    now = clock.now()
    return ReaderRecord(
        account=account,
        standing=standing.read(session, account_id),
        sanctions=_latest(session, viewer, Sanction, account_id),
        strikes=_latest(session, viewer, Strike, account_id),
        decisions=history.of_person(session, viewer, account_id),
        names=_names(session, viewer, account_id),
        neutral_name=names.is_ours(account.name),
        comments=_comments(session, viewer, account_id),
        against=_reports(session, viewer, Item.account_id == account_id),
        by=_reports(session, viewer, Report.account_id == account_id),
        at=now,
        everywhere=strikes.of(session, account_id),
    )


def _latest(session: Session, viewer: Identity, table: type[T], account_id: int) -> list[T]:
    found = (
        select(table)
        .join(Decision, Decision.id == table.decision_id)
        .where(table.account_id.in_(select(selves.of(account_id).c.id)), viewer.works_at(Decision.site_id.expression))
    )
    return list(session.scalars(found.order_by(table.id.desc()).limit(MOST_ROWS_SHOWN)))


def _names(session: Session, viewer: Identity, account_id: int) -> list[EarlierName]:
    """A name was seen where its bearer had written by then; if nowhere, it is for who decides on such names."""
    written = (Comment.account_id == account_id) & (Comment.created_at <= EarlierName.until)
    seen = exists().where(written, viewer.works_at(Comment.site_id.expression))
    first = select(func.min(Site.id)).scalar_subquery()
    unseen = ~exists().where(written) & viewer.works_at(first)
    found = select(EarlierName).where(EarlierName.account_id == account_id, or_(seen, unseen))
    return list(session.scalars(found.order_by(EarlierName.id.desc()).limit(MOST_ROWS_SHOWN)))


def _comments(session: Session, viewer: Identity, account_id: int) -> dict[str, int]:
    theirs = select(Comment.state, func.count()).where(Comment.account_id == account_id)
    shown = theirs.where(viewer.works_at(Comment.site_id.expression))
    return dict(session.execute(shown.group_by(Comment.state)).all())


def _reports(session: Session, viewer: Identity, which: ColumnElement[bool]) -> Shares:
    found = session.execute(
        select(Report.outcome, func.count())
        .join(Item, Item.id == Report.item_id)
        .where(which, viewer.works_at(Report.site_id.expression))
        .group_by(Report.outcome)
    )
    number = dict(found.all())
    return Shares(number.get(UPHELD, 0), number.get(DISMISSED, 0))
