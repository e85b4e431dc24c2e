"""What a decision about who pays changes besides the item: the judgement on the finding, and what hangs on it."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.billing import links
from app.models import Decision, PaymentCase
from app.models.payment_case import ALLOWED, CONFIRMED, CONTESTED_LINK, DISMISSED, NAME_MISMATCH, OPEN, PAID_TWICE
from app.moderation.locked_subjects import LockedSubject
from app.payers import name_checks, payment_cases
from app.terminations import approval, second_purchases
from app.terminations.approval import SUBJECT as TERMINATION
from config.policy import HouseRules

# the session, the house, what was decided on (locked), and the id of who did it
Follow = Callable[[Session, HouseRules, LockedSubject, int], None]

OUTCOMES = {"confirm": CONFIRMED, "allow": ALLOWED, "dismiss": DISMISSED}
# (question, action): what it changes elsewhere
FOLLOWS: dict[tuple[str | None, str], Follow] = {
    (CONTESTED_LINK, "allow"): lambda session, _house, subject, by: links.move(session, by, subject.id),
    (NAME_MISMATCH, "allow"): lambda session, _house, subject, _by: name_checks.allow(
        session, subject.account, subject.id
    ),
    (PAID_TWICE, "allow"): lambda session, house, subject, by: second_purchases.end_judged(
        session, house, subject.id, by
    ),
    (TERMINATION, "approve"): lambda session, _house, subject, by: approval.approve(session, subject.id, by),
    (TERMINATION, "refuse"): lambda session, _house, subject, by: approval.refuse(session, subject.id, by),
}
# the same of taking it back
UNDOES: dict[tuple[str | None, str], Callable[[Session, LockedSubject], None]] = {
    (NAME_MISMATCH, "allow"): lambda session, subject: name_checks.withdraw(session, subject.account, subject.id),
    (TERMINATION, "approve"): lambda session, subject: approval.reopen(session, subject.id),
}
# (question, action): changed what no undo could bring back
LASTING: frozenset[tuple[str | None, str]] = frozenset(
    {(TERMINATION, "refuse"), (CONTESTED_LINK, "allow"), (PAID_TWICE, "allow")}
)


def follow(session: Session, house: HouseRules, subject: LockedSubject, decision: Decision) -> None:
    """Do what `decision` on `subject` (locked) entails where the subject is one of payment."""
    if subject.type == payment_cases.SUBJECT:
        judge(session, subject, OUTCOMES[decision.action])
    change = FOLLOWS.get((subject.question, decision.action))
    if change is not None and decision.actor_id is not None:
        change(session, house, subject, decision.actor_id)


def reopen(session: Session, subject: LockedSubject, original: Decision) -> bool:
    """`original` is undone: the finding waits for another decision, and holds what it held before.

    Returns whether its question is open again: not where a later decision on it stands. Raises Conflict
    (already_begun) where money is moving.
    """
    if _was_judged_again(session, subject, original):
        return False
    judge(session, subject, OPEN)
    change = UNDOES.get((original.before.get("question"), original.action))
    if change is not None:
        change(session, subject)
    return True


def exonerate(session: Session, subject: LockedSubject, original: Decision) -> bool:
    """`original` was overturned on appeal. Returns whether nothing is left to ask: not so where a later one stands."""
    if _was_judged_again(session, subject, original):
        return False
    judge(session, subject, ALLOWED)
    return True


def _was_judged_again(session: Session, subject: LockedSubject, original: Decision) -> bool:
    """Whether a return that was confirmed by `original` was asked about anew, and a decision on that stands."""
    undoing = aliased(Decision)
    later = (
        select(Decision.id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.subject_type == payment_cases.SUBJECT, Decision.subject_id == subject.id)
        .where(Decision.id > original.id, Decision.action.in_(OUTCOMES), undoing.id.is_(None))
    )
    return subject.type == payment_cases.SUBJECT and session.scalar(later.limit(1)) is not None


def judge(session: Session, subject: LockedSubject, outcome: str) -> None:
    """Write the outcome of a finding; of any other subject nothing."""
    if subject.type == payment_cases.SUBJECT:
        case = session.get_one(PaymentCase, subject.id, populate_existing=True)
        case.outcome = outcome
        case.judged_at = None if outcome == OPEN else clock.now()
        session.flush()


def undoable(question: str | None, action: str) -> bool:
    """Whether a decision changed only what an undo restores."""
    return (question, action) not in LASTING
