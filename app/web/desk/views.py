"""What the desk's JSON answers hold: items, casefiles and readers' records. For moderators only."""

from datetime import datetime
from typing import Any

import msgspec

from app import ids
from app.models import Account, Appeal, Comment, Notice, PaymentCase, Revision
from app.moderation import previews
from app.moderation.casefile import Casefile, Reported
from app.moderation.history import Decided
from app.moderation.reader_record import ReaderRecord
from app.review_queue.listing import QueueRow
from app.terminations.proposals import Proposal
from app.web import present
from app.web.desk import termination_views
from app.web.desk.termination_views import TerminationView
from app.web.present import StandingView
from config.rules import SiteRules


class PersonView(msgspec.Struct):
    id: str
    name: str


class SubjectView(msgspec.Struct):
    type: str
    id: str


class StoryLine(msgspec.Struct):
    id: str
    title: str
    url: str


class CommentLine(msgspec.Struct):
    id: str
    text: str
    state: str
    revision: int
    created_at: datetime


class ItemLine(msgspec.Struct, kw_only=True):
    id: str
    kind: str
    state: str
    reasons: list[str]
    # {rule: how many readers named it}
    rules: dict[str, int]
    report_count: int
    priority: float
    # a decision names this
    revision: int
    opened_at: datetime
    due_at: datetime
    subject: SubjectView
    account: PersonView | None
    comment: CommentLine | None
    story: StoryLine | None


class Items(msgspec.Struct):
    items: list[ItemLine]
    # open items by kind
    counts: dict[str, int]
    next: str | None


class RevisionView(msgspec.Struct):
    number: int
    text: str
    created_at: datetime


class FiledNoticeView(msgspec.Struct):
    explanation: str
    snapshot: str
    revision: int
    name: str | None
    created_at: datetime


class ReportView(msgspec.Struct):
    reporter: PersonView
    rule: str
    note: str | None
    revision: int
    outcome: str
    created_at: datetime


class DecisionLine(msgspec.Struct):
    id: str
    action: str
    rule: str | None
    reason: str
    actor: PersonView | None
    undone_by: str | None
    created_at: datetime


class PaymentView(msgspec.Struct):
    # what was found about who pays
    finding: str
    outcome: str
    # kind of what matched, as models.trait has it
    matched: str | None
    # whether the reader cannot write until somebody decides
    holds: bool
    # the record of the banned reader who may have returned, or of who has what was asked for
    other: "RecordView | None"


class StrikeView(msgspec.Struct):
    rule: str
    points: int
    counts: bool
    created_at: datetime
    expires_at: datetime


class EarlierNameView(msgspec.Struct):
    name: str
    until: datetime


class SharesView(msgspec.Struct):
    upheld: int
    dismissed: int


class RecordView(msgspec.Struct):
    id: str
    name: str
    since: datetime
    standing: StandingView
    points: int
    strikes: list[StrikeView]
    decisions: list[DecisionLine]
    earlier_names: list[EarlierNameView]
    # comments by state
    comments: dict[str, int]
    reports_against: SharesView
    reports_by: SharesView


class ItemDetail(ItemLine, kw_only=True):
    parent: CommentLine | None
    revisions: list[RevisionView]
    # what the machine saw: {signal: value}
    signals: dict[str, Any]
    notice: FiledNoticeView | None
    # all that meet in the item, the first first
    notices: list[FiledNoticeView]
    appeal: str | None
    reports: list[ReportView]
    decisions: list[DecisionLine]
    record: RecordView | None
    # the action that the machine prepared, for a person to take or not
    proposal: str | None
    payment: PaymentView | None
    # the end of a subscription that it asks about
    termination: TerminationView | None
    # {rule: {action: codes of what it would take from the reader if decided now}}
    consequences: dict[str, dict[str, list[str]]]


def line(row: QueueRow) -> ItemLine:
    """An item as the queue lists it."""
    return ItemLine(**_line(row))


def detail(case: Casefile, rules: SiteRules) -> ItemDetail:
    """An item with everything that belongs to it, under the rules of its site."""
    row = case.row
    return ItemDetail(
        **_line(row),
        parent=_comment(row.parent) if row.parent else None,
        revisions=[_revision(text) for text in case.texts],
        signals=row.assessment.signals if row.assessment else {},
        notice=_notice(row.subject) if isinstance(row.subject, Notice) else None,
        notices=[_notice(each) for each in case.details] if isinstance(case.details, list) else [],
        appeal=row.subject.text if isinstance(row.subject, Appeal) else None,
        reports=[_report(seen) for seen in case.reports],
        decisions=[_decided(decided) for decided in case.decisions],
        record=record(case.record) if case.record else None,
        proposal=case.proposal,
        payment=_payment(case, row.subject) if isinstance(row.subject, PaymentCase) else None,
        termination=termination_views.one(case.details) if isinstance(case.details, Proposal) else None,
        consequences={
            rule: {action: effect.restrictions for action, effect in effects.items()}
            for rule, effects in previews.effects(case, rules).items()
        },
    )


def record(found: ReaderRecord) -> RecordView:
    """A reader's record."""
    return RecordView(
        id=str(found.account.id),
        name=found.account.name,
        since=found.account.created_at,
        standing=present.standing(found.standing),
        points=found.points,
        strikes=[StrikeView(s.rule, s.points, found.counts(s), s.created_at, s.expires_at) for s in found.strikes],
        decisions=[_decided(decided) for decided in found.decisions],
        earlier_names=[EarlierNameView(earlier.name, earlier.until) for earlier in found.names],
        comments=found.comments,
        reports_against=SharesView(found.against.upheld, found.against.dismissed),
        reports_by=SharesView(found.by.upheld, found.by.dismissed),
    )


def _line(row: QueueRow) -> dict[str, Any]:
    item = row.item
    return {
        "id": str(item.id),
        "kind": item.kind,
        "state": item.state,
        "reasons": item.reasons,
        "rules": dict(row.rules),
        "report_count": item.report_count,
        "priority": item.priority,
        "revision": item.revision,
        "opened_at": item.opened_at,
        "due_at": item.due_at,
        "subject": SubjectView(item.subject_type, str(item.subject_id)),
        "account": _person(row.account) if row.account else None,
        "comment": _comment(row.comment) if row.comment else None,
        "story": StoryLine(str(row.story.id), row.story.title, row.story.url) if row.story else None,
    }


def _person(account: Account) -> PersonView:
    return PersonView(str(account.id), account.name)


def _payment(case: Casefile, found: PaymentCase) -> PaymentView:
    other = record(case.other) if case.other else None
    return PaymentView(found.kind, found.outcome, found.matched, case.holds, other)


def _comment(comment: Comment) -> CommentLine:
    return CommentLine(str(comment.id), comment.text, comment.state, comment.revision, comment.created_at)


def _revision(text: Revision) -> RevisionView:
    return RevisionView(text.number, text.text, text.created_at)


def _notice(notice: Notice) -> FiledNoticeView:
    return FiledNoticeView(notice.explanation, notice.snapshot, notice.revision, notice.name, notice.created_at)


def _report(seen: Reported) -> ReportView:
    report = seen.report
    return ReportView(
        _person(seen.reporter), report.rule, report.note, report.revision, report.outcome, report.created_at
    )


def _decided(decided: Decided) -> DecisionLine:
    decision, actor = decided.decision, decided.actor
    return DecisionLine(
        str(decision.id),
        decision.action,
        decision.rule,
        decision.reason,
        _person(actor) if actor else None,
        ids.text(decided.undone_by),
        decision.created_at,
    )
