"""The moderators' queue: open items, the worst first, each with enough to see why it is here."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from app import clock, paging
from app.models import Account, Appeal, Assessment, Comment, Item, Notice, PaymentCase, Report, Story
from app.models.item import OPEN
from app.paging import Place
from app.review_queue import kinds

PAGE = 25
# priority and id
COLUMNS = (float, int)


@dataclass
class Row:
    """One open item with what its line in the queue shows; what does not apply to its kind is None."""

    item: Item
    account: Account | None
    comment: Comment | None = None
    story: Story | None = None
    parent: Comment | None = None
    notice: Notice | None = None
    appeal: Appeal | None = None
    payment: PaymentCase | None = None
    assessment: Assessment | None = None
    # {rule: how many readers named it}
    rules: Counter[str] = field(default_factory=Counter)

    @property
    def question(self) -> str:
        """What is asked (moderation.actions)."""
        return kinds.question(self.item, self.payment)

    @property
    def scores(self) -> list[tuple[str, float]]:
        """The scores of the comment, the highest first, as (signal, probability)."""
        signals = self.assessment.signals if self.assessment else {}
        found = [(name, value) for name, value in signals.items() if name.startswith("score.")]
        return sorted(found, key=lambda score: -score[1])

    @property
    def about(self) -> tuple[str, int]:
        """Type and id of what the question is about in the end: of a legal notice, the comment."""
        return ("comment", self.comment.id) if self.comment else (self.item.subject_type, self.item.subject_id)


@dataclass(frozen=True)
class Page:
    """`next` is the cursor with which the queue goes on, None at its end."""

    rows: list[Row]
    next: str | None


def page(session: Session, site_ids: Sequence[int], kind: str | None = None, cursor: str | None = None) -> Page:
    """At most PAGE open items of the sites, those after `cursor`; a fixed number of statements.

    Raises Malformed (422) for a cursor that is none.
    """
    after = paging.decode(cursor, COLUMNS) if cursor is not None else None
    items = session.scalars(_in_order(site_ids, kind, after).limit(PAGE + 1)).all()
    shown, following = paging.cut(items, PAGE, place)
    return Page(rows(session, shown), following)


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


def rows(session: Session, items: Sequence[Item]) -> list[Row]:
    """What the lines of these items show."""
    about = _subjects(session, items)
    rules = _rules(session, items)
    assessments = _assessments(session, about)
    for row in about:
        row.rules = rules.get(row.item.id, Counter())
        row.assessment = assessments.get(row.comment.id) if row.comment else None
    return about


def _in_order(site_ids: Sequence[int], kind: str | None, after: Place | None) -> Select[Item]:
    found = select(Item).where(Item.site_id.in_(site_ids), Item.state == OPEN)
    if kind is not None:
        found = found.where(Item.kind == kind)
    if after is not None:
        priority, item_id = after
        # said in this order, so that an index can find the place
        found = found.where(Item.priority <= priority, or_(Item.priority < priority, Item.id > item_id))
    return found.order_by(Item.priority.desc(), Item.id)


def _subjects(session: Session, items: Sequence[Item]) -> list[Row]:
    """The items with their subjects, the story and what a comment replies to, in the order they came."""
    parent = aliased(Comment)
    commented = case((Item.subject_type == "comment", Item.subject_id), else_=Notice.comment_id)
    found = session.execute(
        select(Item.id, Account, Comment, Story, parent, Notice, Appeal, PaymentCase)
        .outerjoin(Account, Account.id == Item.account_id)
        .outerjoin(Appeal, and_(Item.subject_type == "appeal", Appeal.id == Item.subject_id))
        .outerjoin(Notice, and_(Item.subject_type == "notice", Notice.id == Item.subject_id))
        .outerjoin(PaymentCase, and_(Item.subject_type == kinds.PAYMENT_CASE, PaymentCase.id == Item.subject_id))
        .outerjoin(Comment, Comment.id == commented)
        .outerjoin(Story, Story.id == Comment.story_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .where(Item.id.in_([item.id for item in items]))
    )
    known: dict[int, Any] = {row[0]: row[1:] for row in found}
    return [Row(item, *known[item.id]) for item in items]


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


def _assessments(session: Session, about: Sequence[Row]) -> dict[int, Assessment]:
    """The latest assessment of each comment."""
    found = session.scalars(
        select(Assessment)
        .where(Assessment.comment_id.in_([row.comment.id for row in about if row.comment]))
        .order_by(Assessment.comment_id, Assessment.revision, Assessment.id)
    )
    return {assessment.comment_id: assessment for assessment in found}
