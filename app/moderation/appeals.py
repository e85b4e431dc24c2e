"""Appeals: the addressee of a statement asks for another look, once, and somebody else answers with reasons."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import selves
from app.accounts.identity import Identity
from app.db import insert_once
from app.errors import Conflict, Forbidden, Malformed, NotFound, required_text
from app.ids import new_id
from app.language import mark
from app.mail import letters
from app.models import Appeal, Decision, Statement
from app.models.letter import APPEAL_ANSWERED
from app.models.report import DISMISSED
from app.moderation import locked_subjects, rulings, statements, undo
from app.moderation.actions import Ruling
from app.moderation.locked_subjects import LockedSubject
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

LONGEST_APPEAL_CHARACTERS = 5000
WEIGHT = 1.0
APPEAL, UPHOLD = "appeal", "uphold"


def file(session: Session, house: HouseRules, account_id: int, statement_id: int, text: str) -> Appeal:
    """Appeal against the decision behind a statement of one's own; banned and lapsed readers may.

    Raises NotFound, Malformed (text_required, text_too_long), Conflict (appeal_too_late, already_appealed,
    already_undone).
    """
    text = _checked(text)
    statement = session.get(Statement, statement_id)
    if statement is None or not statements.is_addressee(session, statement, account_id):
        raise NotFound
    if statement.appeal_until < clock.now():
        raise Conflict("appeal_too_late", mark("The time to appeal against this decision is over."))
    decision_id = session.scalars(select(Decision.id).where(Decision.statement_id == statement_id)).one()
    if _is_undone(session, decision_id):
        raise _already_undone()
    appeal_id = new_id()
    if not insert_once(
        session,
        Appeal,
        id=appeal_id,
        decision_id=decision_id,
        account_id=account_id,
        text=text,
        created_at=clock.now(),
    ):
        raise Conflict("already_appealed", mark("You have appealed against this decision already."))
    rules = sites.rules_at(session, statement.site_id, house)
    subject = Subject(APPEAL, appeal_id, statement.site_id, account_id)
    items.open_item(session, APPEAL, subject, Cause(APPEAL, WEIGHT), rules)
    return session.get_one(Appeal, appeal_id)


def of_decision(session: Session, decision_id: int) -> Appeal | None:
    """The appeal against a decision, if there is one."""
    return session.scalars(select(Appeal).where(Appeal.decision_id == decision_id)).first()


def answer(
    session: Session, house: HouseRules, subject: LockedSubject, actor: Identity, action: str, reply: str
) -> Decision:
    """Decide the appeal of `subject` (locked): "uphold" the original decision, or "overturn" it and all that it did.

    `reply` goes to the reader. Raises Malformed (unknown_action), Forbidden (same_moderator), Conflict
    (already_undone: what was undone meanwhile can only be overturned, which changes nothing more).
    """
    item = subject.item
    assert item is not None
    if action not in (UPHOLD, undo.OVERTURN):
        raise Malformed("unknown_action", mark("This cannot be decided here."), field="action")
    appeal = locked_subjects.locked(session, Appeal, item.subject_id)
    original = session.get_one(Decision, appeal.decision_id)
    if original.actor_id in selves.own(session, actor.account_id):
        raise Forbidden("same_moderator", mark("An appeal is answered by somebody else than who decided."))
    subject = replace(subject, type=original.subject_type, id=original.subject_id)
    ruling = Ruling(actor.account_id, action, None, reply)
    rulings.close(session, item, DISMISSED)
    undone = _is_undone(session, original.id)
    if action == UPHOLD and undone:
        raise _already_undone()
    if action == UPHOLD or undone:
        decision = rulings.record(session, subject, ruling, None)
    else:
        decision = undo.overturn(session, house, subject, original, ruling)
    appeal.answered_by, appeal.answered_at = decision.id, decision.created_at
    appeal.overturned, appeal.reply = action == undo.OVERTURN, reply
    about = {"statement_id": str(original.statement_id), "site_id": str(original.site_id)}
    letters.write(session, appeal.account_id, APPEAL_ANSWERED, about)
    return decision


def _is_undone(session: Session, decision_id: int) -> bool:
    return session.scalar(select(Decision.id).where(Decision.undoes_id == decision_id)) is not None


def _already_undone() -> Conflict:
    return Conflict("already_undone", rulings.ALREADY_UNDONE)


def _checked(text: str) -> str:
    missing = mark("Please write why you think that the decision is wrong.")
    too_long = mark("An appeal may have %(limit)s characters.")
    return required_text(text, LONGEST_APPEAL_CHARACTERS, "text", missing=missing, too_long=too_long)
