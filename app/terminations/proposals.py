"""What was proposed about a reader's subscriptions and what became of it, for those who see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.identity import Identity
from app.models import Account, Item, Subscription, Termination
from app.models.role import MODERATOR
from app.models.termination import APPROVED, DONE, FAILED, PROPOSED
from app.terminations import approval
from app.terminations.approval import FAILURE, GRACE_TIME, SUBJECT

MOST_PROPOSALS = 20
# how long a reader's page goes on telling
REMEMBERED_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Proposal:
    """A termination with who proposed it, the latest item about it, and the subscription as we know it."""

    row: Termination
    proposer: Account
    item_id: int | None
    subscription: Subscription | None

    @property
    def begins_at(self) -> datetime | None:
        """When the calls to Stripe begin, unless the approval is undone; None where none is expected."""
        waits = self.row.state == APPROVED and self.row.begun_at is None
        return self.row.judged_at + GRACE_TIME if waits and self.row.judged_at else None


@dataclass(frozen=True)
class Overview:
    """A reader's subscriptions that are not over (none where there is nothing to propose), and all proposals."""

    subscriptions: Sequence[Subscription]
    history: list[Proposal]

    @property
    def proposed(self) -> set[str]:
        """Subscriptions about which something is proposed or approved."""
        return {each.row.subscription_id for each in self.history if each.row.state in (PROPOSED, APPROVED)}


def overview(session: Session, actor: Identity, account_id: int) -> Overview | None:
    """What `actor` sees on a reader's record: None where it has nothing to do with a newspaper that they moderate."""
    history = [each for each in _read(session, account_id) if actor.has_role(MODERATOR, each.row.site_id)]
    if approval.may_propose(session, actor, account_id):
        return Overview(approval.living(session, account_id), history)
    return Overview((), history) if history else None


def one(session: Session, termination_id: int) -> Proposal:
    """The proposal of that id."""
    account_id = session.get_one(Termination, termination_id, populate_existing=True).account_id
    return next(each for each in _read(session, account_id, termination_id))


def announced(session: Session, account_id: int) -> Sequence[Termination]:
    """What a reader is told on their own page: what will be done, and what was done lately. The newest first."""
    done = or_(Termination.state == DONE, and_(Termination.state == FAILED, Termination.cancelled_at.is_not(None)))
    lately = and_(done, Termination.done_at > clock.now() - REMEMBERED_FOR)
    mine = select(Termination).where(Termination.account_id == account_id, or_(Termination.state == APPROVED, lately))
    return session.scalars(mine.order_by(Termination.id.desc()).limit(MOST_PROPOSALS)).all()


def _read(session: Session, account_id: int, termination_id: int | None = None) -> list[Proposal]:
    items = (
        select(func.max(Item.id)).where(Item.subject_type.in_((SUBJECT, FAILURE)), Item.subject_id == Termination.id)
    ).scalar_subquery()
    found = (
        select(Termination, Account, items, Subscription)
        .join(Account, Account.id == Termination.proposed_by)
        .outerjoin(Subscription, Subscription.id == Termination.subscription_id)
        .where(Termination.account_id == account_id)
    )
    if termination_id is not None:
        found = found.where(Termination.id == termination_id)
    rows = session.execute(found.order_by(Termination.id.desc()).limit(MOST_PROPOSALS))
    return [Proposal(*row) for row in rows]
