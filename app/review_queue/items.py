"""Opens queue items: the only way one comes to be. Everything about one subject meets in its one open item."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import find_locked, insert
from app.errors import required_text
from app.ids import new_id
from app.language import mark
from app.models import Comment, Item
from app.models.item import OPEN
from app.review_queue import kinds
from app.review_queue.kinds import ACCOUNT, COMMENT
from config.rules import SiteRules

LONGEST_REASON = 5000
OWN_CASE = mark("You are part of this case. Somebody else has to decide it.")


@dataclass(frozen=True)
class Subject:
    """What an item, a report, a decision or a statement is about."""

    type: str
    id: int
    site_id: int
    # the account that a decision would concern
    account_id: int | None

    @classmethod
    def of_comment(cls, comment: Comment) -> "Subject":
        """A comment, and with it its author."""
        return cls(COMMENT, comment.id, comment.site_id, comment.account_id)

    @classmethod
    def of_account(cls, account_id: int, site_id: int) -> "Subject":
        """An account, by its name, for the moderators of a site."""
        return cls(ACCOUNT, account_id, site_id, account_id)


@dataclass(frozen=True)
class Cause:
    """Why moderators are asked: a code ("report", "hold", "severe", "unscored", ...), and how much that matters.

    `weight` adds to the item's priority; `reports` is how many come with it.
    """

    code: str
    weight: float
    reports: int = 0


def open_item(session: Session, kind: str, subject: Subject, cause: Cause, rules: SiteRules) -> int:
    """Ask the moderators about `subject` and return the item's id.

    An item that is open already takes the cause in, and its revision grows, so that a decision made without it is
    refused.
    """
    while True:
        item_id = _insert(session, kind, subject, cause, rules)
        if item_id is not None:
            return item_id
        item = find_locked(session, Item, is_open(kind, subject.type, subject.id))
        if item is not None:  # None: closed in between, so there is room for a new one
            _merge(item, cause, rules)
            session.flush()
            return item.id


def revise(session: Session, kind: str, subject_type: str, subject_id: int) -> None:
    """The subject of an open item, if there is one, is not what it was: refuse decisions by who saw it before."""
    session.execute(update(Item).where(is_open(kind, subject_type, subject_id)).values(revision=Item.revision + 1))


def find_open(session: Session, kind: str, subject: Subject) -> int | None:
    """The id of the item that is open about `subject`, if one is."""
    return session.scalar(select(Item.id).where(is_open(kind, subject.type, subject.id)))


def checked_reason(reason: str) -> str:
    """Why a moderator wants what they propose or decide. Raises Malformed (reason_required, reason_too_long)."""
    missing, too_long = mark("Please give the reason."), mark("The reason may have %(limit)s characters.")
    return required_text(reason, LONGEST_REASON, "reason", missing=missing, too_long=too_long)


def is_open(kind: str, subject_type: str, subject_id: int) -> ColumnElement[bool]:
    """The condition of the one open item of that kind about a subject."""
    same = and_(Item.kind == kind, Item.subject_type == subject_type, Item.subject_id == subject_id)
    return and_(same, Item.state == OPEN)


def _insert(session: Session, kind: str, subject: Subject, cause: Cause, rules: SiteRules) -> int | None:
    now = clock.now()
    statement = insert(session, Item).values(
        id=new_id(),
        site_id=subject.site_id,
        kind=kind,
        subject_type=subject.type,
        subject_id=subject.id,
        account_id=subject.account_id,
        state=OPEN,
        reasons=[cause.code],
        priority=cause.weight,
        report_count=cause.reports,
        revision=1,
        opened_at=now,
        due_at=now + kinds.in_use().kind(kind).time_to_decide(cause.code, rules),
    )
    item_id: int | None = session.scalar(statement.on_conflict_do_nothing().returning(Item.id))
    return item_id


def _merge(item: Item, cause: Cause, rules: SiteRules) -> None:
    if cause.code not in item.reasons:
        item.reasons = [*item.reasons, cause.code]
    item.priority += cause.weight
    item.report_count += cause.reports
    item.revision += 1
    item.due_at = min(item.due_at, clock.now() + kinds.in_use().kind(item.kind).time_to_decide(cause.code, rules))
