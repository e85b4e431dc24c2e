"""Who may not decide, because it is their own case or that of staff who are not below them.

Their own it is for the one affected, for another party, and for whoever has reported it, under any account of theirs.
The question stays open for others.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.accounts.ranks import OUTRANKED, Ranks
from app.errors import Forbidden
from app.models import Report
from app.review_queue import items, kinds
from app.review_queue.items import Subject


def require(session: Session, actor_id: int, subject: Subject) -> None:
    """Raise Forbidden (own_case, outranked) if `actor_id`, under whichever account, may not decide on `subject`."""
    (refusal,) = refusals(session, actor_id, [subject])
    if refusal is not None:
        raise refusal


def refusals(session: Session, actor_id: int, subjects: Sequence[Subject]) -> list[Forbidden | None]:
    """Why `actor_id` may not decide on each of `subjects`; None where they may. As many statements for many as for one,
    but for appeals and notices.
    """
    ends = [about(session, subject.type, subject.id) for subject in subjects]
    others = parties(session, set(ends))
    own = selves.own(session, actor_id)
    reported = _reported(session, own, set(ends))
    concerned = [_concerned(subject, end, others[end]) for subject, end in zip(subjects, ends, strict=True)]
    ranks = Ranks(session, {actor_id}.union(*concerned))
    found: list[Forbidden | None] = []
    for subject, end, accounts in zip(subjects, ends, concerned, strict=True):
        if own & {subject.account_id, *others[end]} or end in reported:
            found.append(Forbidden("own_case", items.OWN_CASE))
        elif not all(ranks.is_above(actor_id, each, subject.site_id) for each in accounts):
            found.append(Forbidden("outranked", OUTRANKED))
        else:
            found.append(None)
    return found


def about(session: Session, subject_type: str, subject_id: int) -> tuple[str, int]:
    """What a question is about in the end: a notice is of a comment, an appeal of what was decided on."""
    found = kinds.in_use().subject_type(subject_type).about
    return found(session, subject_id) if found else (subject_type, subject_id)


def parties(session: Session, subjects: set[tuple[str, int]]) -> dict[tuple[str, int], set[int]]:
    """The accounts that are part of each subject, by its type and id, besides the one that a decision affects."""
    by_type: defaultdict[str, set[int]] = defaultdict(set)
    for subject_type, subject_id in subjects:
        by_type[subject_type].add(subject_id)
    found: dict[tuple[str, int], set[int]] = {subject: set() for subject in subjects}
    for subject_type, subject_ids in by_type.items():
        read = kinds.in_use().subject_type(subject_type).parties
        if read is not None:
            found |= {(subject_type, each): accounts for each, accounts in read(session, subject_ids).items()}
    return found


def _concerned(subject: Subject, end: tuple[str, int], others: set[int]) -> set[int]:
    """The accounts whose rank counts."""
    affected = set() if subject.account_id is None else {subject.account_id}
    return affected | others if kinds.in_use().subject_type(end[0]).concerns_parties else affected


def _reported(session: Session, own: Collection[int], subjects: set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Which of these subjects one of the accounts has reported."""
    these: list[ColumnElement[bool]] = [
        and_(Report.subject_type == subject_type, Report.subject_id == subject_id)
        for subject_type, subject_id in subjects
    ]
    mine = select(Report.subject_type, Report.subject_id).where(Report.account_id.in_(own), or_(false(), *these))
    return {(subject_type, subject_id) for subject_type, subject_id in session.execute(mine)}
