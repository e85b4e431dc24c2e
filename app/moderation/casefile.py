"""Everything a moderator should see before deciding on an item, in one place."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.accounts.identity import Identity
from app.errors import NotFound
from app.models import Account, Item, PaymentCase, Report, Revision, Sanction
from app.models.item import OPEN
from app.models.payment_case import OPEN as WAITS
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.models.trait import STRONG
from app.moderation import decisions, distance, history, reader_record, rulings
from app.moderation.history import Decided
from app.moderation.reader_record import ReaderRecord
from app.payers import payment_cases
from app.review_queue import listing
from app.review_queue.items import Subject
from app.review_queue.listing import QueueRow
from app.signals.families import SEVERE

MOST_REPORTS_SHOWN = 100


@dataclass(frozen=True)
class Reported:
    """One report and who made it; for moderators only."""

    report: Report
    reporter: Account


@dataclass(frozen=True)
class Casefile:
    """An item with its context. `texts` are the comment's revisions that subject: reported, assessed, present."""

    row: QueueRow
    parent_author: Account | None
    texts: list[Revision]
    reports: list[Reported]
    decisions: list[Decided]
    record: ReaderRecord | None
    # the accounts of the viewer
    own: frozenset[int]
    # why the viewer may not decide, whatever they might answer; None if they may
    barred: str | None
    # whether the viewer may end what the reader is under
    liftable: bool
    # the record of the banned reader who may have returned, or of who has the customer that was asked for
    other: ReaderRecord | None
    # what the machine imposed on the reader for this until a person decides
    imposed: Sanction | None
    # what else belongs to its type of subject (review_queue.kinds)
    details: object | None

    @property
    def item(self) -> Item:
        """The item itself."""
        return self.row.item

    @property
    def holds(self) -> bool:
        """Whether the reader may not write until it is known if they are the banned one."""
        found = self.row.subject
        strong = isinstance(found, PaymentCase) and found.outcome == WAITS and found.matched in STRONG
        return strong and self.other is not None and self.other.standing.kind == BAN

    @property
    def withheld(self) -> bool:
        """Whether the machine took it for severe, and a person has yet to decide."""
        return self.item.state == OPEN and SEVERE.code in self.item.reasons

    @property
    def proposal(self) -> str | None:
        """The gravest action that waits for a person's word, as programs are told."""
        return "ban" if self.withheld else None


def read(session: Session, viewer: Identity, item_id: int) -> Casefile:
    """The casefile of an item, open or closed, as `viewer` may see it; a fixed number of statements.

    Raises NotFound, without the role at its site too.
    """
    item = session.get(Item, item_id, populate_existing=True)
    if item is None or not viewer.has_role(MODERATOR, item.site_id):
        raise NotFound
    (row,) = listing.rows(session, [item])
    reported = _reports(session, viewer, *row.about)
    other = payment_cases.others(session, [item.subject_id])[item.subject_id] if _is_payment(row) else None
    return Casefile(
        row=row,
        parent_author=session.get(Account, row.parent.account_id) if row.parent else None,
        texts=_texts(session, row, reported),
        reports=reported,
        decisions=history.of_item(session, viewer, item.id, *row.about),
        record=reader_record.of(session, viewer, item.account_id) if item.account_id else None,
        own=selves.own(session, viewer.account_id),
        barred=_barred(session, viewer, item),
        liftable=item.account_id is not None and decisions.may_lift(session, viewer, item.account_id),
        other=reader_record.of(session, viewer, other) if other else None,
        imposed=_imposed(session, item, *row.about),
        details=row.subject_type.details(session, viewer.account_id, row.subject) if row.subject_type.details else None,
    )


def _is_payment(row: QueueRow) -> bool:
    return isinstance(row.subject, PaymentCase)


def _barred(session: Session, viewer: Identity, item: Item) -> str | None:
    subject = Subject(item.subject_type, item.subject_id, item.site_id, item.account_id)
    (refusal,) = distance.refusals(session, viewer.account_id, [subject])
    return refusal.sentence if refusal else None


def _imposed(session: Session, item: Item, subject_type: str, subject_id: int) -> Sanction | None:
    if item.account_id is None:
        return None
    return next(iter(rulings.by_machine(session, item.account_id, subject_type, subject_id)), None)


def _reports(session: Session, viewer: Identity, subject_type: str, subject_id: int) -> list[Reported]:
    """All reports of the subject, those of earlier items too: the latest MOST_REPORTS_SHOWN."""
    found = session.execute(
        select(Report, Account)
        .join(Account, Account.id == Report.account_id)
        .join(Item, Item.id == Report.item_id)
        .where(Item.subject_type == subject_type, Item.subject_id == subject_id)
        .where(viewer.works_at(Report.site_id.expression))
        .order_by(Report.id.desc())
        .limit(MOST_REPORTS_SHOWN)
    )
    return [Reported(report, reporter) for report, reporter in found]


def _texts(session: Session, row: QueueRow, reported: list[Reported]) -> list[Revision]:
    """The newest first."""
    if row.comment is None:
        return []
    numbers = {row.comment.revision} | {seen.report.revision for seen in reported}
    if row.assessment:
        numbers.add(row.assessment.revision)
    return list(
        session.scalars(
            select(Revision)
            .where(Revision.comment_id == row.comment.id, Revision.number.in_(numbers))
            .order_by(Revision.number.desc())
        )
    )
