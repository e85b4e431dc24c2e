"""Ending a banned reader's subscription: one moderator proposes it, another approves, and only then is Stripe called.

By default a subscription stays, since a ban takes writing and leaves reading. Software never moves money: it takes a
ban for good that a person decided, at the proposal, at the approval and again when the calls begin. From then on it is
carried through, so that nobody is left without subscription and without their money.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import ranks, selves
from app.accounts.identity import Identity
from app.billing import pending
from app.billing.entitlement import FINAL
from app.db import find_locked, insert_once
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.ids import new_id
from app.jobs import queue
from app.language import mark
from app.models import Account, Decision, Sanction, Subscription, Termination
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.models.termination import APPROVED, AT_PERIOD_END, METHODS, PROPOSED, REFUSED, WITHDRAWN
from app.payers.payment_cases import ITEM_KIND
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

SUBJECT = "termination"
# a termination that Stripe would not carry out
FAILURE = "termination_failed"
TERMINATE = "billing.terminate"
PROPOSAL_WEIGHT = 2.0
# for second thoughts: until then nothing is sent to Stripe, and the approval can be undone
GRACE_TIME = timedelta(minutes=5)
# a job that gave up is put back into the queue after that
REST_TIME = timedelta(hours=1)
# of a subscription that was never paid there is nothing to end either: Stripe gives it up within a day
OVER = ("incomplete", *FINAL)
MACHINE = "machine"

NO_BAN = mark("Only a reader whom a moderator has banned for good can lose their subscription, and this one is not.")


@dataclass(frozen=True)
class ProposedEnd:
    """How one of a reader's subscriptions is to end and why: `method` as models.termination, `reason` for the staff."""

    account_id: int
    subscription_id: str
    method: str
    reason: str


def propose(session: Session, house: HouseRules, actor: Identity, end: ProposedEnd) -> Termination:
    """Ask a second moderator to end a subscription.

    Raises NotFound (no such account or living subscription of it, or no role where the ban was decided), Forbidden
    (own_case, outranked), Malformed (reason_required, reason_too_long, unknown_method), Conflict (no_ban, ends_already,
    already_proposed).
    """
    reason = items.checked_reason(end.reason)
    if end.method not in METHODS:
        raise Malformed("unknown_method", mark("Please choose how it is to end."), field="method")
    if end.account_id in selves.own(session, actor.account_id):
        raise Forbidden("own_case", items.OWN_CASE)
    if find_locked(session, Account, Account.id == end.account_id) is None:
        raise NotFound
    site_id = _site_of_ban(session, actor, end.account_id)
    ranks.require_above(session, actor.account_id, end.account_id, site_id)
    _require_running(session, end)
    termination = _insert(session, actor.account_id, site_id, replace(end, reason=reason))
    subject, rules = Subject(SUBJECT, termination.id, site_id, end.account_id), sites.rules_at(session, site_id, house)
    items.open_item(session, ITEM_KIND, subject, Cause(SUBJECT, PROPOSAL_WEIGHT), rules)
    record(session, actor.account_id, "propose", termination, method=end.method)
    return termination


def approve(session: Session, termination_id: int, actor_id: int) -> None:
    """Have it carried out once GRACE_TIME is over. The caller has locked account and item, and writes the ledger.

    Raises Forbidden (own_case: whoever proposed it) and Conflict (stale, subscription_over; no_ban: it was lifted).
    """
    termination = _open(session, termination_id, actor_id)
    if not banned(session, termination.account_id):
        raise Conflict("no_ban", NO_BAN)
    if all(each.id != termination.subscription_id for each in living(session, termination.account_id)):
        raise Conflict("subscription_over", mark("This subscription is over by now."))
    _judge(session, termination, APPROVED, actor_id)
    schedule(session, termination.id, clock.now() + GRACE_TIME)


def refuse(session: Session, termination_id: int, actor_id: int) -> None:
    """Leave the subscription as it is; otherwise as `approve`. Whoever proposed it may not even take it back alone."""
    termination = _open(session, termination_id, actor_id)
    _judge(session, termination, REFUSED, actor_id)


def reopen(session: Session, termination_id: int) -> None:
    """The approval is undone: the proposal waits for another word. Raises Conflict (already_begun)."""
    termination = find(session, termination_id)
    if termination.state != APPROVED or termination.begun_at is not None:
        raise Conflict("already_begun", mark("This is being carried out already, and can no longer be undone."))
    termination.state, termination.judged_by, termination.judged_at = PROPOSED, None, None
    session.flush()
    # or the next approval would be carried out when this one was due
    queue.forget(session, _key(termination_id))


def parties(session: Session, termination_ids: Collection[int]) -> dict[int, set[int]]:
    """Who may not decide on each, besides the reader: two people move money, or nobody."""
    proposed = select(Termination.id, Termination.proposed_by).where(Termination.id.in_(termination_ids))
    return {termination_id: {by} for termination_id, by in session.execute(proposed)}


def find(session: Session, termination_id: int) -> Termination:
    """The row, locked. Raises NotFound."""
    found = find_locked(session, Termination, Termination.id == termination_id)
    if found is None:
        raise NotFound
    return found


def living(session: Session, account_id: int) -> Sequence[Subscription]:
    """The subscriptions of an account that are not over, paid or not; the newest first."""
    running = or_(Subscription.ended_at.is_(None), Subscription.ended_at > clock.now())
    mine = select(Subscription).where(Subscription.account_id == account_id, Subscription.deleted.is_(False), running)
    return session.scalars(mine.where(Subscription.status.not_in(OVER)).order_by(Subscription.id)).all()


def banned(session: Session, account_id: int) -> bool:
    """Whether a ban for good that a person decided is in force."""
    return session.scalars(_bans(account_id)).first() is not None


def stands(session: Session, termination: Termination) -> bool:
    """Whether it is still the subscription of a banned reader: the ban may be lifted, or the customer judged to be
    somebody else's, after the approval. A join (sign_in.joined_accounts) leaves it pending for a moment, and theirs."""
    theirs = or_(Subscription.account_id == termination.account_id, pending.by(termination.account_id))
    paid_by_them = exists().where(Subscription.id == termination.subscription_id, theirs)
    return session.scalar(select(paid_by_them)) is True and banned(session, termination.account_id)


def may_propose(session: Session, actor: Identity, account_id: int) -> bool:
    """Whether `actor` moderates a newspaper that banned the account for good, and is above its owner there."""
    return any(
        actor.has_role(MODERATOR, site_id) and ranks.is_above(session, actor.account_id, account_id, site_id)
        for site_id in session.scalars(_bans(account_id)).all()
    )


def withdraw(session: Session, termination: Termination) -> None:
    """It did not stand any more before anything began: nothing will be done."""
    termination.state = WITHDRAWN
    session.flush()
    record(session, None, "withdraw", termination)


def resume(session: Session) -> None:
    """Put what was approved and has fallen out of the queue, after too many attempts, back into it."""
    waiting = select(Termination).where(Termination.state == APPROVED, Termination.judged_at < clock.now() - REST_TIME)
    for termination in session.scalars(waiting):
        schedule(session, termination.id, clock.now() + REST_TIME)


def schedule(session: Session, termination_id: int, run_at: datetime) -> None:
    """Have what was approved carried out at `run_at` (UTC)."""
    payload = {"termination_id": str(termination_id)}
    queue.enqueue(session, TERMINATE, payload, run_at=run_at, unique_key=_key(termination_id))


def record(session: Session, actor_id: int | None, verb: str, termination: Termination, **details: str | None) -> None:
    """A row in the ledger."""
    action, known = f"termination.{verb}", {"subscription": termination.subscription_id, **details}
    ledger.append(session, ledger.Entry(actor_id, action, SUBJECT, termination.id, termination.site_id, known))


def _bans(account_id: int) -> Select[int]:
    """Sites that banned the account for good by a person's decision; the latest first."""
    return (
        select(Decision.site_id)
        .join(Sanction, Sanction.decision_id == Decision.id)
        .where(Sanction.account_id.in_(selves.of_mailbox(account_id)))
        .where(Sanction.kind == BAN, Sanction.source != MACHINE)
        .where(Sanction.lifted_at.is_(None), Sanction.ends_at.is_(None), Decision.actor_id.is_not(None))
        .order_by(Sanction.id.desc())
    )


def _site_of_ban(session: Session, actor: Identity, account_id: int) -> int:
    imposed_at = session.scalars(_bans(account_id)).all()
    if not imposed_at:
        raise Conflict("no_ban", NO_BAN)
    mine = [site_id for site_id in imposed_at if actor.has_role(MODERATOR, site_id)]
    if not mine:
        raise NotFound
    return mine[0]


def _require_running(session: Session, end: ProposedEnd) -> None:
    """Refuse to end what is over, is not this reader's, or ends with its period anyway."""
    subscription = next((each for each in living(session, end.account_id) if each.id == end.subscription_id), None)
    if subscription is None:
        raise NotFound
    if end.method == AT_PERIOD_END and subscription.cancel_at is not None:
        raise Conflict("ends_already", mark("This subscription ends with its period already."))


def _insert(session: Session, proposed_by: int, site_id: int, end: ProposedEnd) -> Termination:
    """The new row. Raises Conflict where the end of this subscription waits for approval, or is approved, already."""
    termination_id = new_id()
    if not insert_once(
        session,
        Termination,
        id=termination_id,
        account_id=end.account_id,
        site_id=site_id,
        subscription_id=end.subscription_id,
        method=end.method,
        state=PROPOSED,
        proposed_by=proposed_by,
        reason=end.reason,
        created_at=clock.now(),
    ):
        raise Conflict("already_proposed", mark("The end of this subscription has been proposed already."))
    return session.get_one(Termination, termination_id)


def _open(session: Session, termination_id: int, actor_id: int) -> Termination:
    termination = find(session, termination_id)
    if termination.state != PROPOSED:
        raise Conflict("stale", state=termination.state)
    if termination.proposed_by in selves.own(session, actor_id):
        raise Forbidden("own_case", items.OWN_CASE)
    return termination


def _judge(session: Session, termination: Termination, state: str, actor_id: int) -> None:
    termination.state, termination.judged_by, termination.judged_at = state, actor_id, clock.now()
    session.flush()


def _key(termination_id: int) -> str:
    return f"{TERMINATE}:{termination_id}"
