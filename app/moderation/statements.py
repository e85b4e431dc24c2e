"""Statements of reasons: what was restricted, by which rule and facts, how found and decided, how to appeal.

Issued in the addressee's language and kept as issued. Nothing in one names who reported or who decided.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from app import clock, formats
from app.accounts import selves
from app.accounts.identity import Identity
from app.errors import Malformed, NotFound
from app.ids import new_id
from app.language import _, current, mark, use
from app.mail import letters
from app.models import Account, Appeal, Decision, Statement, Story
from app.models.letter import STATEMENT
from app.models.role import MODERATOR
from app.moderation.actions import DecisionEffect, Ruling
from app.moderation.ladder import LADDER
from app.moderation.locked_subjects import LockedSubject
from app.notifications import recipients
from app.review_queue import kinds
from app.signals import families
from app.signals.family import POINTED
from app.stories import stories
from config.policy import HouseRules
from config.rules import SiteRules

NOTICE, REPORTS, VOLUNTARY = "SOURCE_ARTICLE_16", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"
FULLY, PARTIALLY, NOT_AUTOMATED = (
    "AUTOMATED_DECISION_FULLY",
    "AUTOMATED_DECISION_PARTIALLY",
    "AUTOMATED_DECISION_NOT_AUTOMATED",
)


@dataclass(frozen=True)
class Issued:
    """A statement, whether its decision has been undone, and the appeal against it."""

    statement: Statement
    undone: bool
    appeal: Appeal | None


def issue(
    session: Session,
    house: HouseRules,
    rules: SiteRules,
    subject: LockedSubject,
    ruling: Ruling,
    effect: DecisionEffect,
) -> int | None:
    """Write the statement that `effect` calls for, and a letter; its id. Raises Malformed if `ruling` names no rule."""
    if not effect.restrictions:
        return None
    rule, machine, now = ruling.rule, ruling.actor_id is None, clock.now()
    if rule is None:
        raise Malformed("rule_required", mark("Please name the rule that is broken."), field="rule")
    until = now + effect.sanction.length if effect.sanction and effect.sanction.length else None
    statement = Statement(
        id=new_id(),
        account_id=subject.account.id,
        site_id=subject.site_id,
        subject_type=subject.type,
        subject_id=subject.id,
        restrictions=effect.restrictions,
        rule=rule.id,
        category=rule.category,
        source_type=_source(subject),
        automated_detection=machine or _pointed(subject) is not None,
        automated_decision=_automation(effect, machine),
        content_at=subject.comment.created_at if subject.comment else None,
        applies_from=now,
        applies_until=until,
        created_at=now,
        appeal_until=now + timedelta(days=rules.appeals.days),
    )
    with use(subject.account.language, house.language):
        statement.language = current()
        statement.text = _worded(session, house, subject, statement, ruling, effect)
    session.add(statement)
    session.flush()
    _tell(session, statement)
    return statement.id


def own(session: Session, account_id: int, newest: int = 100) -> list[Issued]:
    """The statements addressed to an account, or to another of its mailbox, the newest first."""
    return _read(session, Statement.account_id.in_(selves.of_mailbox(account_id)), newest)


def read(session: Session, reader: Identity, statement_id: int) -> Issued:
    """A statement, for its addressee and for moderators of its site. Raises NotFound."""
    for issued in _read(session, Statement.id == statement_id, 1):
        if is_addressee(session, issued.statement, reader.account_id) or reader.has_role(
            MODERATOR, issued.statement.site_id
        ):
            return issued
    raise NotFound


def is_addressee(session: Session, statement: Statement, account_id: int) -> bool:
    """Whether a statement is for whoever has the account: a restriction reaches the accounts of one mailbox alike."""
    return statement.account_id in session.scalars(selves.of_mailbox(account_id)).all()


def _tell(session: Session, statement: Statement) -> None:
    """Tell its addressee, or whoever of their accounts can still be reached."""
    if (reader := _living(session, statement.account_id)) is not None:
        named = {"statement_id": str(statement.id), "site_id": str(statement.site_id)}
        letters.write(session, reader, STATEMENT, named)
        recipients.tell_of_decision(session, reader, statement.id, statement.site_id)


def _living(session: Session, account_id: int) -> int | None:
    """The account, or if it is erased the latest of its mailbox, that a letter can reach."""
    reachable = select(Account.id).where(Account.id.in_(selves.of_mailbox(account_id)), Account.email.is_not(None))
    return session.scalar(reachable.order_by(Account.id != account_id, Account.id.desc()).limit(1))


def _read(session: Session, which: ColumnElement[bool], newest: int) -> list[Issued]:
    undoing = aliased(Decision)
    found = session.execute(
        select(Statement, undoing.id.is_not(None), Appeal)
        .join(Decision, Decision.statement_id == Statement.id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .outerjoin(Appeal, Appeal.decision_id == Decision.id)
        .where(which)
        .order_by(Statement.id.desc())
        .limit(newest)
    )
    return [Issued(*row) for row in found]


def _source(subject: LockedSubject) -> str:
    if subject.item is None:
        return VOLUNTARY
    if subject.kind and subject.kind.notified:
        return NOTICE
    return REPORTS if subject.item.report_count else VOLUNTARY


def _pointed(subject: LockedSubject) -> str | None:
    """How the machine found what is decided on, in words; None if it did not."""
    if subject.question and kinds.in_use().question(subject.question).detected:
        return _(POINTED)
    return families.found(subject.item.reasons) if subject.item else None


def _automation(effect: DecisionEffect, machine: bool) -> str:
    if machine:
        return FULLY
    return PARTIALLY if effect.sanction and effect.sanction.source == LADDER else NOT_AUTOMATED


def _worded(
    session: Session,
    house: HouseRules,
    subject: LockedSubject,
    statement: Statement,
    ruling: Ruling,
    effect: DecisionEffect,
) -> str:
    """What the person affected reads."""
    rule = ruling.rule
    assert rule is not None
    paragraphs = [
        *_consequences(session, house, subject, statement),
        _("The rule: %(title)s. %(text)s", title=rule.title, text=rule.text),
        _("The facts: %(facts)s", facts=ruling.reason),
        _found(statement, subject),
        " ".join([_decided(statement), *_counted(house, effect, ruling)]),
        _remedies(house, statement),
    ]
    return "\n\n".join(paragraphs)


def _consequences(session: Session, house: HouseRules, subject: LockedSubject, statement: Statement) -> list[str]:
    return [_sentence(session, house, subject, statement, code) for code in statement.restrictions]


def _sentence(
    session: Session, house: HouseRules, subject: LockedSubject, statement: Statement, restriction: str
) -> str:
    match restriction:
        case "visibility_removed":
            return _("Your comment of %(day)s on “%(story)s” has been removed.", **_comment(session, house, subject))
        case "visibility_disabled":
            return _(
                "Your comment of %(day)s on “%(story)s” is not shown until a moderator has decided on it.",
                **_comment(session, house, subject),
            )
        case "warning":
            return _("This is a warning. Please acknowledge it in your account before you go on.")
        case "account_suspended":
            assert statement.applies_until is not None
            until = formats.moment_and_zone(statement.applies_until.astimezone(house.zone))
            return _("Your right to comment is suspended until %(until)s.", until=until)
        case "account_terminated":
            return _("Your right to comment has been withdrawn for good.")
        case "name_reset":
            return _("Your display name has been taken away and replaced by a neutral one.")
    raise ValueError(restriction)


def _comment(session: Session, house: HouseRules, subject: LockedSubject) -> dict[str, str]:
    assert subject.comment is not None
    story = session.get_one(Story, subject.comment.story_id)
    return {
        "day": formats.day(subject.comment.created_at.astimezone(house.zone)),
        "story": stories.headline(story),
    }


def _found(statement: Statement, subject: LockedSubject) -> str:
    if statement.source_type == NOTICE:
        return _("Somebody gave us notice of it as illegal content.")
    if statement.source_type == REPORTS:
        return _("Readers reported it.")
    if statement.automated_detection:
        return _pointed(subject) or _(POINTED)
    return _("A moderator came across it.")


def _decided(statement: Statement) -> str:
    if statement.automated_decision == FULLY:
        return _("Software alone decided this. A moderator has been asked to look at it.")
    if statement.automated_decision == PARTIALLY:
        return _("A moderator decided this. How long or how far it reaches follows from your strikes, by our rules.")
    return _("A moderator decided this.")


def _counted(house: HouseRules, effect: DecisionEffect, ruling: Ruling) -> list[str]:
    """Whether it gives a strike, and whether that counts as one with an earlier one."""
    if effect.strike is None:
        return [] if ruling.actor_id is None else [_("It gives no strike.")]
    if effect.step is None or effect.step.joins is None:
        return []
    told = formats.day(effect.step.joins.astimezone(house.zone))
    if effect.step.added:
        return [_("You did it before you were told of another breach on %(day)s: both count as the graver.", day=told)]
    return [_("You did it before you were told of another breach on %(day)s: it adds nothing to that.", day=told)]


def _remedies(house: HouseRules, statement: Statement) -> str:
    return _(
        "If you think that this is wrong, you can appeal free of charge until %(day)s: %(address)s. "
        "Somebody else will decide on it. An out-of-court dispute body and the courts are open to you as well.",
        day=formats.day(statement.appeal_until.astimezone(house.zone)),
        address=f"{house.address}/statements/{statement.id}",
    )
