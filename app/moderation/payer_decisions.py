"""What a decision about who pays changes besides the item: the judgement on the finding, and what hangs on it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app import clock
from app.billing import links
from app.models import Decision, PaymentCase
from app.models.payment_case import ALLOWED, CLAIMED_TWICE, CONFIRMED, DISMISSED, NAME_MISMATCH, OPEN
from app.moderation.locked_subjects import Matter
from app.payers import name_checks
from app.review_queue.kinds import PAYMENT_CASE, TERMINATION
from app.terminations import approval

# the session, what was decided on (locked), and the id of who did it
Follow = Callable[[Session, Matter, int], None]

OUTCOMES = {"confirm": CONFIRMED, "allow": ALLOWED, "dismiss": DISMISSED}
# (question, action): what it changes elsewhere
FOLLOWS: dict[tuple[str | None, str], Follow] = {
    (CLAIMED_TWICE, "allow"): lambda session, matter, by: links.move(session, by, matter.subject_id),
    (NAME_MISMATCH, "allow"): lambda session, matter, _by: name_checks.allow(
        session, matter.account, matter.subject_id
    ),
    (TERMINATION, "approve"): lambda session, matter, by: approval.approve(session, matter.subject_id, by),
    (TERMINATION, "refuse"): lambda session, matter, by: approval.refuse(session, matter.subject_id, by),
}
# the same of taking it back
UNDOES: dict[tuple[str | None, str], Callable[[Session, Matter], None]] = {
    (NAME_MISMATCH, "allow"): lambda session, matter: name_checks.withdraw(session, matter.account, matter.subject_id),
    (TERMINATION, "approve"): lambda session, matter: approval.reopen(session, matter.subject_id),
}
# (question, action): changed what no undo could bring back
LASTING: frozenset[tuple[str | None, str]] = frozenset({(TERMINATION, "refuse"), (CLAIMED_TWICE, "allow")})


def follow(session: Session, matter: Matter, decision: Decision) -> None:
    """Do what `decision` on `matter` (locked) entails where the matter is one of payment."""
    if matter.subject_type == PAYMENT_CASE:
        judge(session, matter, OUTCOMES[decision.action])
    change = FOLLOWS.get((matter.question, decision.action))
    if change is not None and decision.actor_id is not None:
        change(session, matter, decision.actor_id)


def reopen(session: Session, matter: Matter, original: Decision) -> None:
    """`original` is undone: the finding waits for another decision, and holds what it held before.

    Raises Conflict (already_begun) where money is moving.
    """
    judge(session, matter, OPEN)
    change = UNDOES.get((original.before.get("question"), original.action))
    if change is not None:
        change(session, matter)


def exonerate(session: Session, matter: Matter) -> None:
    """The decision was overturned on appeal: nothing is left to ask."""
    judge(session, matter, ALLOWED)


def judge(session: Session, matter: Matter, outcome: str) -> None:
    """Write the outcome of a finding; of any other matter nothing."""
    if matter.subject_type == PAYMENT_CASE:
        case = session.get_one(PaymentCase, matter.subject_id, populate_existing=True)
        case.outcome = outcome
        case.judged_at = None if outcome == OPEN else clock.now()
        session.flush()


def undoable(question: str | None, action: str) -> bool:
    """Whether a decision changed only what an undo restores."""
    return (question, action) not in LASTING
