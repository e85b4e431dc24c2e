"""What has been decided so far: about a subject, about a reader, at the sites of a moderator. The newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from app import cursors
from app.accounts import selves
from app.accounts.identity import Identity
from app.models import Account, Comment, Decision, Statement, Termination
from app.moderation import distance, undo
from app.review_queue.items import Subject
from app.terminations.approval import SUBJECT as TERMINATION

SLICE_DECISIONS = 50


@dataclass(frozen=True)
class Decided:
    """A decision, who made it (None: the machine), whom and what it concerns, what undid it, and the statement of what
    it took from somebody."""

    decision: Decision
    actor: Account | None
    account: Account | None
    comment: Comment | None
    undone_by: int | None
    # since when what it approved is being carried out
    begun_at: datetime | None
    statement: Statement | None
    # why the viewer may not take it back, though others may
    barred: str | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not been taken back, and can be."""
        return self.undone_by is None and self.begun_at is None and undo.undoable(self.decision)

    @property
    def undoable(self) -> bool:
        """Whether the viewer can take it back."""
        return self.stands and self.barred is None


def of_item(session: Session, viewer: Identity, item_id: int, subject_type: str, subject_id: int) -> list[Decided]:
    """The decisions on an item, and all others on what it is about, at the sites of `viewer`."""
    same = and_(Decision.subject_type == subject_type, Decision.subject_id == subject_id)
    which = or_(Decision.item_id == item_id, same) & viewer.works_at(Decision.site_id.expression)
    return _read(session, viewer.account_id, which)


def of_person(session: Session, viewer: Identity, account_id: int) -> list[Decided]:
    """The decisions that concern whoever has an account, at the sites of `viewer`."""
    theirs = Decision.account_id.in_(select(selves.of(account_id).c.id))
    return _read(session, viewer.account_id, theirs & viewer.works_at(Decision.site_id.expression))


def of_sites(
    session: Session, viewer_id: int, site_ids: Sequence[int], cursor: str | None
) -> tuple[list[Decided], str | None]:
    """A slice of the decisions at these sites of a viewer, those before `cursor`, and the cursor of what follows.

    Raises Malformed (422) for a cursor that is none.
    """
    at = Decision.site_id.in_(site_ids)
    which = at if cursor is None else and_(at, Decision.id < cursors.decode(cursor)[0])
    found = _read(session, viewer_id, which, SLICE_DECISIONS + 1)
    return cursors.cut(found, SLICE_DECISIONS, lambda decided: (decided.decision.id,))


def one(session: Session, viewer_id: int, decision_id: int) -> Decided | None:
    """The decision of that id."""
    return next(iter(_read(session, viewer_id, Decision.id == decision_id)), None)


def _read(session: Session, viewer_id: int, which: ColumnElement[bool], most: int = SLICE_DECISIONS) -> list[Decided]:
    actor, account, undoing = aliased(Account), aliased(Account), aliased(Decision)
    found = session.execute(
        select(Decision, actor, account, Comment, undoing.id, Termination.begun_at, Statement)
        .outerjoin(actor, actor.id == Decision.actor_id)
        .outerjoin(account, account.id == Decision.account_id)
        .outerjoin(Comment, and_(Decision.subject_type == "comment", Comment.id == Decision.subject_id))
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .outerjoin(Statement, Statement.id == Decision.statement_id)
        .outerjoin(Termination, and_(Decision.subject_type == TERMINATION, Termination.id == Decision.subject_id))
        .where(which)
        .order_by(Decision.id.desc())
        .limit(most)
    )
    decided = [Decided(*row) for row in found]
    barred = _barred(session, viewer_id, [each.decision for each in decided if each.stands])
    return [replace(each, barred=barred.get(each.decision.id)) for each in decided]


def _barred(session: Session, viewer_id: int, decisions: Sequence[Decision]) -> dict[int, str]:
    """Of which of these the viewer is too near, or too low, to take them back, and how that is told."""
    subjects = [Subject(each.subject_type, each.subject_id, each.site_id, each.account_id) for each in decisions]
    refusals = distance.refusals(session, viewer_id, subjects)
    found = zip(decisions, refusals, strict=True)
    return {decision.id: refusal.sentence for decision, refusal in found if refusal is not None}
