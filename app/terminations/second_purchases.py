"""Ends the later of two subscriptions that sell one reader the same, when its reader or a moderator wants it.

It ends at once, and what was paid twice goes back. It takes one person: the reader loses nothing, since the earlier
one goes on, and no ban is touched.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.billing import paid_twice
from app.billing.paid_twice import Surplus
from app.db import find_locked, insert_once
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Account, Item, PaymentCase, Subscription, Termination
from app.models.item import CLOSED
from app.models.payment_case import ALLOWED, OPEN
from app.models.payment_case import PAID_TWICE as CASE
from app.models.termination import APPROVED, PAID_TWICE, PROPOSED
from app.payers.payment_cases import ITEM_KIND, SUBJECT
from app.review_queue import items
from app.terminations import approval
from config.policy import HouseRules

NOT_TWICE = mark("This subscription is not paid for twice any more.")


def stands(session: Session, house: HouseRules, termination: Termination) -> bool:
    """Whether it is still a subscription that its reader pays for in vain."""
    found = paid_twice.find(session, house, termination.account_id)
    return any(each.subscription.id == termination.subscription_id for each in found)


def offered(session: Session, house: HouseRules, account_id: int) -> list[Surplus]:
    """What the account pays for in vain, and nobody is about to end."""
    found = paid_twice.find(session, house, account_id)
    ends = or_(Termination.state.in_((PROPOSED, APPROVED)), Termination.cancelled_at.is_not(None))
    mine = select(Termination.subscription_id).where(Termination.account_id == account_id, ends)
    ending = set(session.scalars(mine)) if found else set()
    return [each for each in found if each.subscription.id not in ending]


def end(session: Session, house: HouseRules, account_id: int, subscription_id: str, by: int) -> None:
    """Have it ended, as `by` wants it: a worker calls Stripe. The account is locked by the caller.

    Raises Conflict (not_paid_twice, also where it is being ended already).
    """
    known = offered(session, house, account_id)
    found = next((each for each in known if each.subscription.id == subscription_id), None)
    now, termination_id = clock.now(), new_id()
    if found is None or not insert_once(
        session,
        Termination,
        id=termination_id,
        account_id=account_id,
        site_id=found.site_id,
        subscription_id=subscription_id,
        method=PAID_TWICE,
        state=APPROVED,
        proposed_by=by,
        judged_by=by,
        reason="",
        created_at=now,
        judged_at=now,
    ):
        raise Conflict("not_paid_twice", NOT_TWICE)
    approval.record(session, by, "approve", session.get_one(Termination, termination_id), method=PAID_TWICE)
    approval.schedule(session, termination_id, now)


def end_own(session: Session, house: HouseRules, account_id: int, subscription_id: str) -> None:
    """Its reader wants it: the moderators need not be asked any more. Raises as `end`, and NotFound."""
    if find_locked(session, Account, Account.id == account_id) is None:
        raise NotFound
    end(session, house, account_id, subscription_id, by=account_id)
    same = PaymentCase.account_id == account_id, PaymentCase.reference == subscription_id
    case = session.scalar(select(PaymentCase).where(*same, PaymentCase.kind == CASE, PaymentCase.outcome == OPEN))
    item = case and find_locked(session, Item, items.is_open(ITEM_KIND, SUBJECT, case.id))
    if case and item:
        case.outcome, case.judged_at = ALLOWED, clock.now()
        item.state, item.closed_at = CLOSED, clock.now()


def end_judged(session: Session, house: HouseRules, case_id: int, by: int) -> None:
    """A moderator has decided so on the case. Raises as `end`."""
    case = session.get_one(PaymentCase, case_id)
    end(session, house, case.account_id, case.reference, by)


def doubled(session: Session, termination: Termination) -> Sequence[str]:
    """Ids of the subscriptions whose payments paid for the same time; none where only one was bought."""
    if termination.method != PAID_TWICE:
        return ()
    return paid_twice.earlier(session, session.get_one(Subscription, termination.subscription_id))
