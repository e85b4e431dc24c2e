"""Carries a decision out: the decision itself, its statement, and every change that follows from it, in one place.

Nothing else in moderation hides a comment or imposes a sanction, so there is no way to restrict somebody without the
statement of reasons that they can read; the database refuses such a decision as well.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, aliased

from app import clock, ids, ledger
from app.accounts import names, sanctions, selves
from app.db import insert_once
from app.errors import Conflict
from app.ids import new_id
from app.jobs import queue
from app.language import mark
from app.models import Decision, Item, Report, Sanction
from app.models.account import ACTIVE
from app.models.comment import DELETED, PUBLISHED
from app.models.item import CLOSED
from app.models.sanction import BAN, SUSPENSION, WARNING, is_in_force
from app.moderation import notices, payer_decisions, statements, strikes
from app.moderation.actions import DecisionEffect, Ruling
from app.moderation.ladder import MACHINE, ProposedSanction
from app.moderation.locked_subjects import LockedSubject
from app.notifications import recipients
from app.payers import identities
from app.stories import publication, sites
from config.policy import HouseRules

ALREADY_UNDONE = mark("This decision has been undone already.")


def carry_out(
    session: Session, house: HouseRules, subject: LockedSubject, ruling: Ruling, effect: DecisionEffect
) -> Decision:
    """Decide `subject` (locked): write the ruling and do all that `effect` says. The story's row is touched last."""
    rules = sites.rules_at(session, subject.site_id, house)
    state = _state_after(subject, effect.state)
    statement_id = statements.issue(session, house, rules, subject, ruling, effect)
    decision = record(session, subject, ruling, state, statement_id=statement_id)
    if effect.strike:
        strikes.give(session, decision, effect.strike)
    if effect.settles:
        lift(session, house, by_machine(session, subject.account.id, subject.type, subject.id), decision)
    if effect.lifts:
        lift(session, house, _bans_and_suspensions(session, subject.account.id), decision)
    if effect.sanction:
        _impose(session, house, subject, decision, effect.sanction)
    if effect.beneath:
        _impose_beneath(session, house, subject, decision, effect)
    if effect.resets_name and ruling.actor_id is not None and subject.account.state == ACTIVE:
        names.reset_name(session, subject.account, ruling.actor_id)
    payer_decisions.follow(session, house, subject, decision)
    if subject.item and effect.reports:
        close(session, subject.item, effect.reports)
    if subject.item and subject.item.subject_type == notices.NOTICE:
        notices.answer(session, subject.item.id, ruling.action)
    if subject.comment and state:
        publication.set_state(session, subject.comment, state)
    return decision


def record(
    session: Session,
    subject: LockedSubject,
    ruling: Ruling,
    state: str | None,
    *,
    statement_id: int | None = None,
    undoes_id: int | None = None,
) -> Decision:
    """Add the decision, which gives the comment `state` (None: leaves it), and its row in the ledger.

    Raises Conflict (already_undone) if somebody was faster to undo `undoes_id`.
    """
    decision_id = new_id()
    added = insert_once(
        session,
        Decision,
        id=decision_id,
        site_id=subject.site_id,
        item_id=subject.item.id if subject.item else None,
        subject_type=subject.type,
        subject_id=subject.id,
        account_id=subject.account.id,
        actor_id=ruling.actor_id,
        action=ruling.action,
        rule=ruling.rule.id if ruling.rule else None,
        reason=ruling.reason,
        before=_before(subject, state),
        undoes_id=undoes_id,
        statement_id=statement_id,
        created_at=clock.now(),
    )
    if not added:
        raise Conflict("already_undone", ALREADY_UNDONE)
    decision = session.get_one(Decision, decision_id)
    ledger.append(session, _entry(decision))
    return decision


def close(session: Session, item: Item, outcome: str) -> None:
    """The question is answered, and so are the reports that asked it."""
    item.state, item.closed_at = CLOSED, clock.now()
    settle_reports(session, item.id, outcome)


def settle_reports(session: Session, item_id: int, outcome: str) -> None:
    """Give all reports of an item their outcome, and have those told who made them."""
    settled = session.scalars(
        update(Report)
        .where(Report.item_id == item_id)
        .values(outcome=outcome)
        .returning(Report.id)
        .execution_options(synchronize_session=False)
    )
    if settled.all():
        queue.enqueue(session, recipients.TELL_REPORTERS, {"item_id": str(item_id)})


def sites_of_sanctions(session: Session, account_id: int) -> list[int]:
    """Whose moderators imposed the bans and suspensions in force; the latest last."""
    return [session.get_one(Decision, s.decision_id).site_id for s in _bans_and_suspensions(session, account_id)]


def _bans_and_suspensions(session: Session, account_id: int) -> Sequence[Sanction]:
    mine = in_force(account_id).where(Sanction.kind.in_((BAN, SUSPENSION)))
    return session.scalars(mine.order_by(Sanction.id)).all()


def in_force(account_id: int) -> Select[Sanction]:
    """The sanctions of an account, and of the others of its mailbox, that are neither lifted nor over."""
    return select(Sanction).where(Sanction.account_id.in_(selves.of_mailbox(account_id)), is_in_force(clock.now()))


def _state_after(subject: LockedSubject, state: str | None) -> str | None:
    """What its author has taken back stays gone, whatever is decided."""
    return None if subject.comment is None or subject.comment.state == DELETED else state


def _before(subject: LockedSubject, state: str | None) -> dict[str, Any]:
    if subject.comment is None:
        return {"question": subject.question} if subject.question else {}
    # without a decision, a new comment would have been published
    return {"state": subject.comment.state or PUBLISHED, "became": state}


def _entry(decision: Decision) -> ledger.Entry:
    action = f"{decision.subject_type}.{decision.action}"
    details = {"decision": str(decision.id), "rule": decision.rule, "undoes": ids.text(decision.undoes_id)}
    return ledger.Entry(
        decision.actor_id, action, decision.subject_type, decision.subject_id, decision.site_id, details
    )


def _impose(
    session: Session, house: HouseRules, subject: LockedSubject, decision: Decision, sanction: ProposedSanction
) -> Sanction:
    made = sanctions.impose(
        session,
        subject.account,
        sanction.kind,
        source=sanction.source,
        decision_id=decision.id,
        ends_at=decision.created_at + sanction.length if sanction.length else None,
    )
    identities.seek_returns(session, house, [subject.account.id])
    return made


def _impose_beneath(
    session: Session, house: HouseRules, subject: LockedSubject, decision: Decision, effect: DecisionEffect
) -> None:
    """What stands behind a graver sanction. It takes no more from the reader, who need not acknowledge it; if what the
    episode led to was lifted meanwhile, so is this."""
    assert effect.beneath is not None
    made = _impose(session, house, subject, decision, effect.beneath)
    if made.kind == WARNING:
        made.acknowledged_at = decision.created_at
    joins = effect.step.joins if effect.step and effect.step.repeats else None
    pardon = _lifted_since(session, subject.account.id, joins) if joins else None
    if pardon is not None:
        sanctions.lift(session, made, pardon)


def _lifted_since(session: Session, account_id: int, moment: datetime) -> int | None:
    """The decision that stands and lifted the bans and suspensions of a person since then, if one did."""
    undoing = aliased(Decision)
    lifting = (
        select(Decision.id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.account_id.in_(selves.of_mailbox(account_id)), Decision.action == "lift")
        .where(Decision.created_at >= moment, undoing.id.is_(None))
    )
    return session.scalar(lifting.order_by(Decision.id.desc()).limit(1))


def lift(session: Session, house: HouseRules, found: Iterable[Sanction], decision: Decision) -> None:
    """End sanctions (their accounts locked) by `decision`; whether one of these readers has been somebody else who is
    banned is a question again."""
    lifted = set()
    for sanction in found:
        sanctions.lift(session, sanction, decision.id)
        lifted.add(sanction.account_id)
    identities.seek_returns(session, house, lifted)


def by_machine(session: Session, account_id: int, subject_type: str, subject_id: int) -> Sequence[Sanction]:
    """What the machine imposed on an account for this subject until a person decides."""
    same = Decision.subject_type == subject_type, Decision.subject_id == subject_id
    for_this = select(Decision.id).where(*same).scalar_subquery()
    imposed = in_force(account_id).where(Sanction.source == MACHINE, Sanction.decision_id.in_(for_this))
    return session.scalars(imposed).all()
