"""Why may this reader write, or why not: the answer with what it came from, for moderators and for support.

Without payment data: Stripe's ids, words and dates, and nothing of who paid with what, or how much.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.billing import facts, wording
from app.billing.entitlement import Entitlement
from app.models import Customer, Subscription
from app.stories import sites
from app.stories.sites import Snapshot as Site
from config.policy import Policy

LATEST = 20


@dataclass(frozen=True)
class Answer:
    """Of one account at one site. `sentence` is what its reader is told, not yet translated; `since` is when the
    oldest of the subscriptions that let them write began.
    """

    site: Site
    entitlement: Entitlement
    sentence: str
    since: datetime | None


def answer(session: Session, account_id: int, site: Site, policy: Policy) -> Answer:
    """Why the account may or may not write on `site` now; two statements. `policy` is the site's own."""
    entitlement = facts.entitlement(session, account_id, site, clock.now(), policy)
    return Answer(site, entitlement, wording.sentence(entitlement), _since(session, account_id, site))


def answers(session: Session, account_id: int, of: list[Site], policy: Policy) -> list[Answer]:
    """As `answer`, for several sites; `policy` is the house's."""
    return [answer(session, account_id, site, sites.policy_of(site, policy)) for site in of]


def subscriptions(session: Session, account_id: int) -> list[Subscription]:
    """What is known of the latest LATEST subscriptions of the account, the newest first."""
    theirs = select(Subscription).where(Subscription.account_id == account_id)
    return list(session.scalars(theirs.order_by(Subscription.fetched_at.desc(), Subscription.id).limit(LATEST)))


def customers(session: Session, account_id: int) -> list[Customer]:
    """The latest LATEST customers at Stripe that belong to the account."""
    theirs = select(Customer).where(Customer.account_id == account_id)
    return list(session.scalars(theirs.order_by(Customer.created_at.desc(), Customer.id).limit(LATEST)))


def _since(session: Session, account_id: int, site: Site) -> datetime | None:
    theirs = select(Subscription.products, Subscription.started_at, Subscription.ended_at).where(
        Subscription.account_id == account_id, Subscription.deleted.is_(False)
    )
    now = clock.now()
    return min(
        (
            row.started_at
            for row in session.execute(theirs)
            if row.started_at and not (row.ended_at and row.ended_at <= now) and set(row.products) & set(site.products)
        ),
        default=None,
    )
