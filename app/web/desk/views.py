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
    """A reader, or who works here."""

    id: str
    name: str


class SubjectView(msgspec.Struct):
    """What an item is about."""

    type: str
    id: str


class StoryLine(msgspec.Struct):
    """The story that a comment stands under."""

    id: str
    title: str
    url: str


class CommentLine(msgspec.Struct):
    """A comment as it is now, as it was typed."""

    id: str
    text: str
    state: str
    revision: int
    created_at: datetime


class ItemLine(msgspec.Struct, kw_only=True):
    """An open question for moderators. `rules`: how many readers named which rule. A decision names its `revision`."""

    id: str
    kind: str
    state: str
    reasons: list[str]
    rules: dict[str, int]
    report_count: int
    priority: float
    revision: int
    opened_at: datetime
    due_at: datetime
    subject: SubjectView
    account: PersonView | None
    comment: CommentLine | None
    story: StoryLine | None


class Items(msgspec.Struct):
    """A slice of the open items; `counts`: how many there are of each kind; `next` is null in the last slice."""

    items: list[ItemLine]
    counts: dict[str, int]
    next: str | None


class RevisionView(msgspec.Struct):
    """One text that a comment had."""

    number: int
    text: str
    created_at: datetime


class FiledNoticeView(msgspec.Struct):
    """A legal notice, with the text (`snapshot`) that it is about."""

    explanation: str
    snapshot: str
    revision: int
    name: str | None
    created_at: datetime


class ReportView(msgspec.Struct):
    """What a reader has reported, of which revision, and what came of it."""

    reporter: PersonView
    rule: str
    note: str | None
    revision: int
    outcome: str
    created_at: datetime


class DecisionLine(msgspec.Struct):
    """A decision on an item or a reader; without `actor` the machine's. `undone_by`: the decision that took it back."""

    id: str
    action: str
    rule: str | None
    reason: str
    actor: PersonView | None
    undone_by: str | None
    created_at: datetime


class PaymentView(msgspec.Struct):
    """What was found about who pays, and by what it was known again (`matched`). `holds`: the reader cannot write until
    somebody decides. `other`: the banned reader who may have returned, or who has what was asked for.
    """

    finding: str
    outcome: str
    matched: str | None
    holds: bool
    other: "RecordView | None"


class StrikeView(msgspec.Struct):
    """A strike of a reader; `counts`: its points still do."""

    rule: str
    points: int
    counts: bool
    created_at: datetime
    expires_at: datetime


class EarlierNameView(msgspec.Struct):
    """A name that a reader had until then."""

    name: str
    until: datetime


class SharesView(msgspec.Struct):
    """How many reports moderators agreed with, and how many not."""

    upheld: int
    dismissed: int


class RecordView(msgspec.Struct):
    """All that moderators need to know of a reader; `comments`: how many in each state."""

    id: str
    name: str
    since: datetime
    standing: StandingView
    points: int
    strikes: list[StrikeView]
    decisions: list[DecisionLine]
    earlier_names: list[EarlierNameView]
    comments: dict[str, int]
    reports_against: SharesView
    reports_by: SharesView


class ItemDetail(ItemLine, kw_only=True):
    """An item with all that belongs to it. `signals`: what the machine saw. `proposal`: the action that the machine
    prepared, for a person to take or not. `consequences`: by rule and action, what deciding so now would take from the
    reader. `notices`: all that meet in it, the first first. `termination`: the end of a subscription that is asked for.
    """

    parent: CommentLine | None
    revisions: list[RevisionView]
    signals: dict[str, Any]
    notice: FiledNoticeView | None
    notices: list[FiledNoticeView]
    appeal: str | None
    reports: list[ReportView]
    decisions: list[DecisionLine]
    record: RecordView | None
    proposal: str | None
    payment: PaymentView | None
    termination: TerminationView | None
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
