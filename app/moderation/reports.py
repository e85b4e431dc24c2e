"""Reports: a reader says that a comment or a name breaks a rule. Once per reader and subject, in one transaction.

Who has several accounts of one mailbox is one reader: more spellings of an address make no complaint graver.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import selves, standing
from app.db import find_locked, lock_names
from app.errors import Conflict, Malformed, NotFound, Refusals, TooMany
from app.ids import new_id
from app.language import mark
from app.models import Account, Comment, Report
from app.models.account import ACTIVE
from app.models.comment import PUBLISHED
from app.models.report import DISMISSED, UPHELD
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules
from config.rules import Rule, SiteRules

REASON = "report"
NAME_REVISION = 1


@dataclass(frozen=True)
class Reporting:
    """What a reader has reported so far: how often within the last hour, and what became of it."""

    last_hour: int
    oldest_in_hour: datetime | None
    upheld: int
    dismissed: int

    @property
    def credibility(self) -> float:
        """1 for a newcomer, towards 2 for who is always right and towards 0 for who never is (smoothed)."""
        return 2 * (self.upheld + 1) / (self.upheld + self.dismissed + 2)


@dataclass(frozen=True)
class Complaint:
    """Which rule a reader says is broken, why, and which revision of it they saw (None: the present one)."""

    rule: str
    note: str | None = None
    revision: int | None = None


def report_comment(
    session: Session, house: HouseRules, reporter_id: int, comment_id: int, complaint: Complaint
) -> None:
    """Tell the moderators that a published comment breaks a rule; doing it again changes nothing.

    Raises what `standing.require_good` raises, NotFound, Conflict (one's own), Malformed (unknown rule or revision,
    note too long), TooMany.
    """
    reporter = _reporter(session, reporter_id)
    comment = find_locked(session, Comment, Comment.id == comment_id)
    if comment is None:
        raise NotFound
    if _already(session, reporter, "comment", comment.id):
        return
    if comment.state != PUBLISHED:
        raise NotFound
    if comment.account_id == reporter.id:
        raise Conflict("own_comment", mark("This is your own comment. You can delete it instead."))
    seen = comment.revision if complaint.revision is None else complaint.revision
    if not 1 <= seen <= comment.revision:
        raise Malformed("unknown_revision", mark("The comment has no such revision."), field="revision")
    _report(session, house, reporter, Subject.of_comment(comment), replace(complaint, revision=seen))
    comment.report_count += 1


def report_name(session: Session, house: HouseRules, reporter_id: int, account_id: int, complaint: Complaint) -> None:
    """Tell the moderators that a reader's display name breaks a rule; doing it again changes nothing.

    Raises as `report_comment` does.
    """
    reporter = _reporter(session, reporter_id)
    bearer = session.get(Account, account_id)
    if bearer is None or bearer.state != ACTIVE:
        raise NotFound
    if bearer.id == reporter.id:
        raise Conflict("own_name", mark("This is your own name. You can change it in your account."))
    # the other account of the reporter may be reporting it at this moment; a comment is locked anyway
    lock_names(session, [f"reports of the name of {bearer.id}"])
    if _already(session, reporter, "account", bearer.id):
        return
    subject = Subject.of_account(bearer.id, site_of_name(session, bearer.id))
    _report(session, house, reporter, subject, replace(complaint, revision=NAME_REVISION))


def _reporter(session: Session, account_id: int) -> Account:
    """The reporter, locked: their reports queue here, which makes the check for an earlier one hold."""
    account = standing.lock(session, account_id)
    standing.require_good(session, account)
    return account


def _already(session: Session, reporter: Account, subject_type: str, subject_id: int) -> bool:
    return (
        session.scalar(
            select(Report.id).where(
                Report.account_id.in_(selves.own(session, reporter.id)),
                Report.subject_type == subject_type,
                Report.subject_id == subject_id,
            )
        )
        is not None
    )


def _report(session: Session, house: HouseRules, reporter: Account, subject: Subject, complaint: Complaint) -> None:
    rules = sites.rules_at(session, subject.site_id, house)
    rule = _checked(rules, complaint)
    reporting = reporting_of(session, reporter.id)
    _within_limit(reporting, rules)
    cause = Cause(REASON, rule.harm * reporting.credibility, reports=1)
    item_id = items.open_item(session, subject.type, subject, cause, rules)
    session.add(
        Report(
            id=new_id(),
            account_id=reporter.id,
            site_id=subject.site_id,
            subject_type=subject.type,
            subject_id=subject.id,
            revision=complaint.revision,
            rule=rule.id,
            note=complaint.note,
            item_id=item_id,
            created_at=clock.now(),
        )
    )
    session.flush()


def reporting_of(session: Session, account_id: int) -> Reporting:
    """How the reports of whoever has an account have fared, under all accounts of the mailbox."""
    recent = Report.created_at > clock.now() - timedelta(hours=1)
    row = session.execute(
        select(
            func.count().filter(recent),
            func.min(Report.created_at).filter(recent),
            func.count().filter(Report.outcome == UPHELD),
            func.count().filter(Report.outcome == DISMISSED),
        ).where(Report.account_id.in_(selves.of_mailbox(account_id)))
    ).one()
    return Reporting(*row)


def _checked(rules: SiteRules, complaint: Complaint) -> Rule:
    """The rule that is said to be broken. Raises Malformed for all that is wrong."""
    rule, limit, refusals = rules.rule(complaint.rule), rules.limits.report_note_characters, Refusals()
    if rule is None:
        refusals.add(Malformed("unknown_rule", mark("Please choose one of the rules."), field="rule"))
    if len(complaint.note or "") > limit:
        sentence = mark("The note may have %(limit)s characters.")
        refusals.add(Malformed("note_too_long", sentence, field="note", limit=limit))
    refusals.tell()
    assert rule is not None
    return rule


def _within_limit(reporting: Reporting, rules: SiteRules) -> None:
    if reporting.oldest_in_hour is None or reporting.last_hour < rules.limits.reports_per_hour:
        return
    wait = reporting.oldest_in_hour + timedelta(hours=1) - clock.now()
    raise TooMany(
        "too_many_reports",
        mark("You have reported a great deal within the hour. Please go on in %(wait)s."),
        retry_after=max(1, int(wait.total_seconds()) + 1),
    )


def site_of_name(session: Session, account_id: int) -> int:
    """A name belongs to no site: the moderators of the one where it was seen last decide, or else of the first."""
    last = session.scalar(
        select(Comment.site_id).where(Comment.account_id == account_id).order_by(Comment.id.desc()).limit(1)
    )
    if last is None:
        last = sites.first_id(session)
    assert last is not None
    return last
