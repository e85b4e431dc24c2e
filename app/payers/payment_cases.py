"""Findings about who pays, for a moderator to judge: each is found once, and judged once; but see ask_again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import insert
from app.ids import new_id
from app.models import Customer, PaymentCase, Sanction
from app.models.payment_case import (
    ALLOWED,
    CONFIRMED,
    CONTESTED_LINK,
    FRAUD_WARNING,
    LOST_DISPUTE,
    NAME_MISMATCH,
    OPEN,
    PAID_TWICE,
    POSSIBLE_RETURN,
)
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

ITEM_KIND, SUBJECT = "payment", "payment_case"
# how much a question weighs in the queue: who may be dodging a ban, or who only waits for an answer
GRAVE_WEIGHT, MILD_WEIGHT = 5.0, 2.0
WEIGHTS = {
    POSSIBLE_RETURN: GRAVE_WEIGHT,
    LOST_DISPUTE: GRAVE_WEIGHT,
    FRAUD_WARNING: GRAVE_WEIGHT,
    CONTESTED_LINK: MILD_WEIGHT,
    NAME_MISMATCH: MILD_WEIGHT,
    PAID_TWICE: MILD_WEIGHT,
}


@dataclass(frozen=True)
class PayerFinding:
    """Something about who pays that a person has to judge; its fields are those of models.payment_case.

    `reference` tells it from others of its kind about the account. `sanction_id` is the ban of a possible return,
    `matched` the kind of what was paid with that led to it.
    """

    kind: str
    account_id: int
    reference: str
    sanction_id: int | None = None
    matched: str | None = None


def ask(session: Session, house: HouseRules, finding: PayerFinding, site_id: int | None = None) -> int | None:
    """Ask the moderators of `site_id` (None: of the first site) about a finding, unless it was found before.

    Returns the id of the case, or None where it is known, judged or not, and where there is no site.
    """
    site_id = site_id or sites.first_id(session)
    if site_id is None:
        return None
    added = insert(session, PaymentCase).values(
        id=new_id(),
        kind=finding.kind,
        account_id=finding.account_id,
        sanction_id=finding.sanction_id,
        reference=finding.reference,
        matched=finding.matched,
        outcome=OPEN,
        created_at=clock.now(),
    )
    case_id: int | None = session.scalar(added.on_conflict_do_nothing().returning(PaymentCase.id))
    if case_id is not None:
        _open_item(session, house, finding, site_id, case_id)
    return case_id


def ask_again(session: Session, house: HouseRules, finding: PayerFinding, site_id: int) -> None:
    """A return that a moderator has confirmed, or is yet to judge, is one of somebody under another sanction by now:
    that is asked. What they let be stays so.
    """
    known = _same(finding).where(
        PaymentCase.outcome.in_((OPEN, CONFIRMED)), PaymentCase.sanction_id != finding.sanction_id
    )
    asked = known.values(outcome=OPEN, judged_at=None, sanction_id=finding.sanction_id)
    case_id = session.scalar(asked.returning(PaymentCase.id))
    if case_id is not None:
        _open_item(session, house, finding, site_id, case_id)


def strengthen(session: Session, finding: PayerFinding, *, over: Sequence[str]) -> None:
    """A finding that is known by one of the weaker kinds `over`, and not judged yet, is known by its `matched` now.

    Whoever was about to decide without knowing this is refused.
    """
    known = _same(finding).where(PaymentCase.outcome == OPEN, PaymentCase.matched.in_(over))
    case_id = session.scalar(known.values(matched=finding.matched).returning(PaymentCase.id))
    if case_id is not None:
        items.revise(session, ITEM_KIND, SUBJECT, case_id)


def was_allowed(session: Session, kind: str, account_id: int, reference: str | None) -> bool:
    """Whether a moderator has judged this finding and let it be."""
    same = select(PaymentCase.id).where(
        PaymentCase.account_id == account_id, PaymentCase.kind == kind, PaymentCase.reference == reference
    )
    return session.scalar(same.where(PaymentCase.outcome == ALLOWED)) is not None


def others(session: Session, case_ids: Collection[int]) -> dict[int, int | None]:
    """Whom else each finding is about: the banned reader who may be back, or who has what was asked for."""
    has_it = (PaymentCase.kind == CONTESTED_LINK) & (Customer.id == PaymentCase.reference)
    found = (
        select(PaymentCase.id, func.coalesce(Sanction.account_id, Customer.account_id))
        .outerjoin(Sanction, Sanction.id == PaymentCase.sanction_id)
        .outerjoin(Customer, has_it)
        .where(PaymentCase.id.in_(case_ids))
    )
    return dict(session.execute(found).all())


def parties(session: Session, case_ids: Collection[int]) -> dict[int, set[int]]:
    """The accounts that are part of each case besides the one it would affect."""
    return {case_id: {other} for case_id, other in others(session, case_ids).items() if other is not None}


def _same(finding: PayerFinding) -> Update:
    return update(PaymentCase).where(
        PaymentCase.account_id == finding.account_id,
        PaymentCase.kind == finding.kind,
        PaymentCase.reference == finding.reference,
    )


def _open_item(session: Session, house: HouseRules, finding: PayerFinding, site_id: int, case_id: int) -> None:
    subject, rules = Subject(SUBJECT, case_id, site_id, finding.account_id), sites.rules_at(session, site_id, house)
    items.open_item(session, ITEM_KIND, subject, Cause(finding.kind, WEIGHTS[finding.kind]), rules)
