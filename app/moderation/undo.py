"""Undo: a new decision that takes back all that an earlier one did, and leaves its row as it is.

The item that was decided stays closed. If the question is open again (the comment waits, or reports do), a new item
asks it. Restrictions that come back with an undo are those of an earlier decision, whose statement has been issued.
An undo cannot be undone: to think otherwise again is to decide anew.
"""

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.accounts import names, selves
from app.accounts.identity import Identity
from app.errors import Conflict, NotFound
from app.language import mark
from app.models import Decision, Item, Notice, Report, Sanction, Strike
from app.models.comment import DELETED, HELD, PUBLISHED, WITHHELD
from app.models.item import OPEN
from app.models.report import DISMISSED, WAITING
from app.models.role import MODERATOR
from app.moderation import distance, locked_subjects, notices, payer_decisions, remainder, rulings
from app.moderation.actions import Ruling
from app.moderation.fold import DecisionStep, state_after
from app.moderation.ladder import MACHINE
from app.moderation.locked_subjects import LockedSubject
from app.payers import identities, payment_cases
from app.review_queue import items, kinds
from app.review_queue.items import Cause, Subject
from app.stories import publication, sites
from config.policy import HouseRules

UNDO, OVERTURN = "undo", notices.OVERTURN
REASON = "undone"
# decisions of a person that end what the machine had imposed
SETTLING = ("approve", "remove", "remove_only", "warn", "suspend", "ban", "reset_name")
WAITS = (HELD, WITHHELD)


def undo(session: Session, house: HouseRules, actor: Identity, decision_id: int, reason: str) -> Decision:
    """Take a decision back, for a reason that moderators read.

    Raises NotFound (no such decision, or no role at its site), Forbidden (own_case, outranked), Conflict
    (already_undone, already_begun, not_undoable: an undo, an answer to an appeal, or the machine's, whose item is there
    to be decided).
    """
    original = session.get(Decision, decision_id)
    if original is None or not actor.has_role(MODERATOR, original.site_id):
        raise NotFound
    decided_on = Subject(original.subject_type, original.subject_id, original.site_id, original.account_id)
    distance.require(session, actor.account_id, decided_on)
    if not undoable(original):
        raise Conflict("not_undoable", mark("This cannot be undone; it can only be decided anew."))
    subject = locked_subjects.of_decision(session, original)
    state = _state_without(session, subject, original)
    decision = _take_back(session, house, subject, original, Ruling(actor.account_id, UNDO, None, reason), state)
    _restore_sanctions(session, house, original, decision)
    if payer_decisions.reopen(session, subject, original) and original.item_id is not None:
        _ask_again(session, house, original.item_id)
    remainder.after_revocation(session, house, subject, decision)
    _publish(session, subject, state)
    return decision


def undoable(decision: Decision) -> bool:
    """Whether a decision is of the kind that can be taken back, once."""
    if decision.undoes_id is not None or decision.actor_id is None or decision.action in ("uphold", OVERTURN):
        return False
    return payer_decisions.undoable(decision.before.get("question"), decision.action)


def overturn(
    session: Session, house: HouseRules, subject: LockedSubject, original: Decision, ruling: Ruling
) -> Decision:
    """Reverse `original` on appeal: the question is settled in the reader's favour, so nothing waits any more.

    Raises Conflict (already_undone).
    """
    state = _state_without(session, subject, original)
    state = PUBLISHED if state in WAITS else state
    decision = _take_back(session, house, subject, original, ruling, state)
    if payer_decisions.exonerate(session, subject, original):
        _close_asked_anew(session, subject)
    if original.item_id is not None:
        _settle(session, original, original.item_id)
    remainder.after_revocation(session, house, subject, decision)
    _publish(session, subject, state)
    return decision


def _settle(session: Session, original: Decision, item_id: int) -> None:
    """Whoever reported or gave notice was wrong, and is told. What the machine asked, and nobody has answered yet, is
    answered now."""
    item = locked_subjects.locked(session, Item, item_id)
    if item.state == OPEN:
        rulings.close(session, item, DISMISSED)
    elif original.actor_id is not None:
        rulings.settle_reports(session, item_id, DISMISSED)
        notices.answer(session, item_id, notices.DISMISS)


def _close_asked_anew(session: Session, subject: LockedSubject) -> None:
    """Whoever is nobody's return is not asked about under another sanction of that reader either."""
    asked = select(Item.id).where(items.is_open(payment_cases.ITEM_KIND, subject.type, subject.id))
    for item_id in session.scalars(asked):
        rulings.close(session, locked_subjects.locked(session, Item, item_id), DISMISSED)


def _take_back(
    session: Session, house: HouseRules, subject: LockedSubject, original: Decision, ruling: Ruling, state: str | None
) -> Decision:
    decision = rulings.record(session, subject, ruling, state, undoes_id=original.id)
    session.execute(
        update(Strike)
        .where(Strike.decision_id == original.id)
        .values(revoked_by=decision.id)
        .execution_options(synchronize_session=False)
    )
    imposed = session.scalars(select(Sanction).where(Sanction.decision_id == original.id)).all()
    rulings.lift(session, house, imposed, decision)
    if original.action == "reset_name":
        names.give_back(session, subject.account, original.created_at)
    return decision


def _publish(session: Session, subject: LockedSubject, state: str | None) -> None:
    if subject.comment and state:
        publication.set_state(session, subject.comment, state)


def _state_without(session: Session, subject: LockedSubject, original: Decision) -> str | None:
    """The state of the comment if `original` had not been decided."""
    if subject.comment is None or subject.comment.state == DELETED:
        return None
    undoing = aliased(Decision)
    history = session.execute(
        select(Decision, undoing.id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.subject_type == kinds.COMMENT, Decision.subject_id == subject.comment.id)
        .order_by(Decision.created_at, Decision.id)
    )
    steps = [
        DecisionStep(
            found=decision.before["state"],
            gave=decision.before["became"],
            stands=undone_by is None and decision.id != original.id and _decides(decision),
        )
        for decision, undone_by in history
    ]
    return state_after(steps, subject.comment.state)


def _decides(decision: Decision) -> bool:
    """Whether it gave the comment a state of its own, rather than the one it has without another decision."""
    if decision.action == OVERTURN:
        return bool(decision.before["became"] == PUBLISHED)
    return decision.action != UNDO


def _restore_sanctions(session: Session, house: HouseRules, original: Decision, decision: Decision) -> None:
    """What `original` had lifted comes back by `decision`, unless another that stands ends it as well."""
    for sanction in session.scalars(select(Sanction).where(Sanction.lifted_by == original.id)):
        other = _other_end(session, sanction, original)
        if other is None:
            remainder.restore(session, house, sanction, decision)
            identities.seek_returns(session, house, [sanction.account_id])
        else:
            sanction.lifted_by = other


def _other_end(session: Session, sanction: Sanction, original: Decision) -> int | None:
    imposing = session.get_one(Decision, sanction.decision_id)
    undoing = aliased(Decision)
    ends = [Decision.undoes_id == imposing.id, Decision.action == "lift"]
    if sanction.source == MACHINE:
        same = (Decision.subject_type == imposing.subject_type) & (Decision.subject_id == imposing.subject_id)
        ends.append(same & Decision.action.in_(SETTLING))
    return session.scalar(
        select(Decision.id)
        .where(Decision.account_id.in_(selves.of_mailbox(sanction.account_id)))
        .where(Decision.created_at >= imposing.created_at)
        .where(Decision.id.not_in((imposing.id, original.id)))
        .where(or_(*ends), ~exists().where(undoing.undoes_id == Decision.id))
        .order_by(Decision.id)
        .limit(1)
    )


def _ask_again(session: Session, house: HouseRules, item_id: int) -> None:
    """The question of a closed item is open again: another item asks it, and takes reports and notices along."""
    closed = session.get_one(Item, item_id)
    subject = Subject(closed.subject_type, closed.subject_id, closed.site_id, closed.account_id)
    if closed.subject_type == notices.NOTICE:
        subject = notices.meeting(session, subject, distance.about(session, subject.type, subject.id)[1])
    rules = sites.rules_at(session, closed.site_id, house)
    cause = Cause(REASON, closed.priority, closed.report_count)
    again = items.open_item(session, closed.kind, subject, cause, rules)
    for moving in (
        update(Report).where(Report.item_id == item_id).values(item_id=again, outcome=WAITING),
        update(Notice).where(Notice.item_id == item_id).values(item_id=again),
    ):
        session.execute(moving.execution_options(synchronize_session=False))
