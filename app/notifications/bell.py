"""What a reader has been told, as the bell shows it: the newest first, as it is now."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from app import clock
from app.db import is_one_of, shared
from app.errors import NotFound
from app.models import Account, Comment, Follow, Mute, Notification, Report, Story
from app.models.base import Instant
from app.models.comment import PUBLISHED
from app.models.follow import FOLLOWED
from app.models.notification import OF_COMMENTS, PICK, REPORT
from app.notifications import follows

MOST_SHOWN = 50
# of more notifications, the bell says no more than this
MOST_COUNTED = 100


@dataclass(frozen=True)
class Told:
    """A notification with what it is about: who wrote (None: nobody is named), where, and what became of a report."""

    notification: Notification
    name: str | None
    story: Story | None
    outcome: str | None


def listed(session: Session, account_id: int, site_id: int | None = None, before: int | None = None) -> list[Told]:
    """The newest MOST_SHOWN notifications of an account (of one site; older than that of the id `before`). One
    statement.
    """
    writer = aliased(Account)
    found = (
        select(Notification, writer.name, Story, Report.outcome)
        .outerjoin(Comment, and_(Notification.kind.in_(OF_COMMENTS), Comment.id == Notification.subject_id))
        .outerjoin(writer, and_(writer.id == Comment.account_id, writer.id != Notification.account_id))
        .outerjoin(Story, Story.id == Notification.story_id)
        .outerjoin(Report, and_(Notification.kind == REPORT, Report.id == Notification.subject_id))
        .where(*_of(account_id, site_id))
        .order_by(Notification.id.desc())
        .limit(MOST_SHOWN)
    )
    if before is not None:
        found = found.where(Notification.id < before)
    return [Told(*row) for row in session.execute(found)]


def unread(session: Session, account_id: int, site_id: int | None = None) -> int:
    """How many notifications are new to an account, and stories that it follows; of the former MOST_COUNTED at most.

    One statement.
    """
    parameters = {"account": account_id, "site": site_id, "now": clock.now()}
    return session.scalar(_unread(of_site=site_id is not None), parameters) or 0


@cache
def _unread(*, of_site: bool) -> Select[int]:
    """Kept, as every page of whoever is signed in asks it, and putting it together takes longer than the answer."""
    account, site = bindparam("account", type_=BigInteger()), bindparam("site", type_=BigInteger()) if of_site else None
    new = select(Notification.id).where(*_of(account, site), Notification.read_at.is_(None))
    followed = _followed(account, site, bindparam("now", type_=Instant()))
    return shared(select(_count(new.limit(literal(MOST_COUNTED))) + _count(followed)))


def find(session: Session, account_id: int, notification_id: int) -> Notification:
    """One of the account's. Raises NotFound."""
    found = session.get(Notification, notification_id)
    if found is None or found.account_id != account_id:
        raise NotFound
    return found


def read(session: Session, account_id: int, site_id: int | None = None, up_to: int | None = None) -> None:
    """An account has seen its notifications (of one site; up to that of the id `up_to`): none of them is new."""
    which = [Notification.account_id == account_id]
    if site_id is not None:
        which.append(Notification.site_id == site_id)
    if up_to is not None:
        which.append(Notification.id <= up_to)
    _read(session, *which)


def read_one(session: Session, notification_id: int) -> None:
    """A notification has been opened, so it is not new any more."""
    _read(session, Notification.id == notification_id)


def read_of(session: Session, account_id: int, comment_ids: Collection[int]) -> None:
    """An account has read comments, so what it was told of them is not new any more, and no letter about it is due."""
    of_comments = Notification.subject_id.in_(comment_ids), Notification.kind.in_(OF_COMMENTS)
    _read(session, Notification.account_id == account_id, *of_comments)


def read_at(session: Session, account_id: int, story_id: int) -> None:
    """An account has seen all that it was told of a story."""
    _read(session, Notification.account_id == account_id, Notification.story_id == story_id)


def stands() -> ColumnElement[bool]:
    """In SQL: whether what a notification is about is there to be read, and its reader wants to."""
    subject = aliased(Comment)
    by_muted = Mute.account_id == Notification.account_id, Mute.muted_id == subject.account_id
    muted = exists().where(*by_muted).correlate_except(Mute)
    still = or_(Notification.kind != PICK, subject.picked)
    shown = exists().where(subject.id == Notification.subject_id, subject.state == PUBLISHED, still, ~muted)
    return or_(~is_one_of(Notification.kind, OF_COMMENTS), shown)


def _read(session: Session, *which: ColumnElement[bool]) -> None:
    seen = update(Notification).where(*which, Notification.read_at.is_(None))
    changed = seen.values(read_at=clock.now(), due_at=None)
    session.execute(changed.execution_options(synchronize_session=False))


def _of(account_id: Any, site_id: Any) -> list[ColumnElement[bool]]:
    which = [Notification.account_id == account_id, stands()]
    return which if site_id is None else [*which, Notification.site_id == site_id]


def _followed(account_id: Any, site_id: Any, now: Any) -> Select[int]:
    followed = (
        select(Follow.story_id)
        .join(Story, Story.id == Follow.story_id)
        .where(Follow.account_id == account_id, Follow.state == FOLLOWED)
        .where(Story.published_count > Follow.seen_count, follows.unseen(now).exists())
    )
    return followed if site_id is None else followed.where(Story.site_id == site_id)


def _count(rows: Select[int]) -> ColumnElement[int]:
    return select(func.count()).select_from(rows.subquery()).scalar_subquery()
