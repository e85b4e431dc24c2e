"""The moderators' queue: open items, the worst first, each with enough to see why it is here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app import clock, cursors
from app.cursors import Place
from app.models import Account, Assessment, Comment, Item, Model, Report, Story
from app.models.item import OPEN
from app.review_queue import kinds
from app.review_queue.kinds import COMMENT, Kind, SubjectType

SLICE_ITEMS = 25
# priority and id
COLUMNS = (float, int)
Table = TypeVar("Table", bound=Model)


@dataclass
class QueueRow:
    """One open item with what its line in the queue shows; what does not apply to its kind is None.

    `subject` is the row of what it is about, in the table of its type (review_queue.kinds).
    """

    item: Item
    kind: Kind
    subject_type: SubjectType
    subject: Any
    account: Account | None
    comment: Comment | None = None
    story: Story | None = None
    parent: Comment | None = None
    assessment: Assessment | None = None
    # {rule: how many readers named it}
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def question(self) -> str:
        """The name of what is asked."""
        return self.subject_type.question(self.subject)

    @property
    def text(self) -> str | None:
        """What somebody wrote, that it is about."""
        written = self.subject_type.text
        return written(self.subject) if written and self.subject is not None else None

    @property
    def about(self) -> tuple[str, int]:
        """Type and id of what the question is about in the end: of a legal notice, the comment."""
        return (COMMENT, self.comment.id) if self.comment else (self.item.subject_type, self.item.subject_id)


@dataclass(frozen=True)
class QueueSlice:
    """`next` is the cursor with which the queue goes on, None at its end."""

    rows: list[QueueRow]
    next: str | None


def slice_after(
    session: Session, site_ids: Sequence[int], kind: str | None = None, cursor: str | None = None
) -> QueueSlice:
    """At most SLICE_ITEMS open items of the sites, those after `cursor`; a fixed number of statements.

    Raises Malformed (422) for a cursor that is none.
    """
    after = cursors.decode(cursor, COLUMNS) if cursor is not None else None
    items = session.scalars(_in_order(site_ids, kind, after).limit(SLICE_ITEMS + 1)).all()
    shown, following = cursors.cut(items, SLICE_ITEMS, place)
    return QueueSlice(rows(session, shown), following)


def counts(session: Session, site_ids: Sequence[int]) -> dict[str, int]:
    """How many items are open, by kind."""
    found = select(Item.kind, func.count()).where(Item.site_id.in_(site_ids), Item.state == OPEN).group_by(Item.kind)
    return dict(session.execute(found).all())


def gauges(session: Session) -> dict[str, float]:
    """For /metrics: how many items are open at all sites, and how many of them are past their due time."""
    late = func.count(case((Item.due_at < clock.now(), Item.id)))
    row = session.execute(select(func.count(Item.id), late).where(Item.state == OPEN)).one()
    return {"open": float(row[0]), "overdue": float(row[1])}


def following(session: Session, site_ids: Sequence[int], kind: str | None, item: Item) -> int | None:
    """The id of the open item that comes after `item`; past the last one the first, None if no other is open."""
    after = _in_order(site_ids, kind, place(item)).limit(1)
    first = _in_order(site_ids, kind, None).where(Item.id != item.id).limit(1)
    found = session.scalars(after).first() or session.scalars(first).first()
    return found.id if found else None


def place(item: Item) -> Place:
    """Where an item stands in the queue."""
    return item.priority, item.id


def rows(session: Session, items: Sequence[Item]) -> list[QueueRow]:
    """What the lines of these items show."""
    found = _with_subjects(session, items)
    _add_comments(session, found)
    rules = _rules(session, items)
    assessments = _assessments(session, found)
    for row in found:
        row.rules = rules.get(row.item.id, Counter())
        row.assessment = assessments.get(row.comment.id) if row.comment else None
    return found


def _in_order(site_ids: Sequence[int], kind: str | None, after: Place | None) -> Select[Item]:
    found = select(Item).where(Item.site_id.in_(site_ids), Item.state == OPEN)
    if kind is not None:
        found = found.where(Item.kind == kind)
    if after is not None:
        priority, item_id = after
        # said in this order, so that an index can find the place
        found = found.where(Item.priority <= priority, or_(Item.priority < priority, Item.id > item_id))
    return found.order_by(Item.priority.desc(), Item.id)


def _with_subjects(session: Session, items: Sequence[Item]) -> list[QueueRow]:
    """The items with what they are about, in the order they came: one statement a type."""
    known = kinds.in_use()
    ids: dict[str, list[int]] = {}
    for item in items:
        ids.setdefault(item.subject_type, []).append(item.subject_id)
    subjects = {name: _by_id(session, known.subject_type(name).table, of_type) for name, of_type in ids.items()}
    accounts = _by_id(session, Account, [item.account_id for item in items if item.account_id])
    return [
        QueueRow(
            item,
            known.kind(item.kind),
            known.subject_type(item.subject_type),
            subjects[item.subject_type].get(item.subject_id),
            accounts.get(item.account_id) if item.account_id else None,
        )
        for item in items
    ]


def _by_id(session: Session, table: type[Table], ids: Sequence[int]) -> dict[int, Table]:
    key = table.__table__.c.id
    return dict(session.execute(select(key, table).where(key.in_(ids))).all())


def _add_comments(session: Session, about: Sequence[QueueRow]) -> None:
    """The comments that are shown with the subjects, with their stories and what they reply to."""
    parent = aliased(Comment)
    shown = {
        row.item.id: row.subject_type.comment(row.subject)
        for row in about
        if row.subject_type.comment and row.subject is not None
    }
    found = session.execute(
        select(Comment, Story, parent)
        .join(Story, Story.id == Comment.story_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .where(Comment.id.in_(shown.values()))
    )
    known = {comment.id: (comment, story, replied_to) for comment, story, replied_to in found}
    for row in about:
        if row.item.id in shown:
            row.comment, row.story, row.parent = known[shown[row.item.id]]


def _rules(session: Session, items: Sequence[Item]) -> dict[int, Counter[str]]:
    found = session.execute(
        select(Report.item_id, Report.rule, func.count())
        .where(Report.item_id.in_([item.id for item in items]))
        .group_by(Report.item_id, Report.rule)
    )
    named: dict[int, Counter[str]] = {}
    for item_id, rule, number in found:
        named.setdefault(item_id, Counter())[rule] = number
    return named


def _assessments(session: Session, about: Sequence[QueueRow]) -> dict[int, Assessment]:
    """The latest assessment of each comment."""
    found = session.scalars(
        select(Assessment)
        .where(Assessment.comment_id.in_([row.comment.id for row in about if row.comment]))
        .order_by(Assessment.comment_id, Assessment.revision, Assessment.id)
    )
    return {assessment.comment_id: assessment for assessment in found}
