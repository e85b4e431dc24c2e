"""Why may this reader write, or why not: the answer with what it came from, for moderators and for support.

Without payment data: Stripe's ids, words and dates, and nothing of who paid with what, or how much.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.accounts.standing import Standing
from app.billing import facts, sentences
from app.billing.entitlement import Entitlement
from app.models import Customer, Subscription
from app.stories import sites
from app.stories.sites import SiteSnapshot as Site
from config.policy import HouseRules
from config.rules import SiteRules

MOST_ROWS = 20
COLUMNS_SHOWN = (
    *("products", "started_at", "period_end", "cancel_at", "ended_at", "trial_end", "paused", "first_failure_at"),
    "fetched_at",
)


@dataclass(frozen=True)
class Explanation:
    """Of one account at one site: what its subscriptions and grants come to, and its sanctions, which outweigh them.

    `since` is when the oldest of the subscriptions that let its reader write began.
    """

    site: Site
    entitlement: Entitlement
    standing: Standing
    since: datetime | None

    @property
    def allowed(self) -> bool:
        """Whether the reader may write."""
        return self.entitlement.allowed and self.standing.good

    @property
    def sentence(self) -> str:
        """What the reader is told, not yet translated."""
        return standing.SENTENCES[self.standing.kind] if self._sanctioned else sentences.sentence(self.entitlement)

    @property
    def reason(self) -> str:
        """Its code."""
        return standing.CODES[self.standing.kind] if self._sanctioned else self.entitlement.reason.value

    @property
    def until(self) -> datetime | None:
        """Until when it is so, as far as that is known."""
        return self.standing.until if self._sanctioned else self.entitlement.until

    @property
    def _sanctioned(self) -> bool:
        return self.entitlement.allowed and not self.standing.good


def explain(session: Session, account_id: int, site: Site, rules: SiteRules) -> Explanation:
    """Why the account may or may not write on `site` now; three statements. `rules` are those of the site."""
    entitlement = facts.entitlement(session, account_id, site, clock.now(), rules)
    return Explanation(site, entitlement, standing.read(session, account_id), _since(session, account_id, site))


def explain_each(session: Session, account_id: int, of: list[Site], house: HouseRules) -> list[Explanation]:
    """As `explain`, for several sites."""
    return [explain(session, account_id, site, sites.rules_of(site, house)) for site in of]


def details(session: Session, account_id: int, given: Explanation) -> Iterator[tuple[str, Any]]:
    """What an explanation follows from, as (name, value), for support: also Stripe's ids, by which it is found
    there.
    """
    yield "reason", given.reason
    yield "the reader is told", given.sentence
    yield "until", given.until
    yield "subscribed since", given.since
    for row in _customers(session, account_id):
        yield f"customer {row.id}", "deleted at Stripe" if row.deleted else "at Stripe"
    for bought in _subscriptions(session, account_id):
        yield f"subscription {bought.id}", "gone at Stripe" if bought.deleted else bought.status
        for column in COLUMNS_SHOWN:
            value = getattr(bought, column)
            if value is not None:
                yield f"  {column.replace('_', ' ')}", value
        if bought.unpaid:
            yield "  unpaid prices", sorted(bought.unpaid)


def _subscriptions(session: Session, account_id: int) -> list[Subscription]:
    theirs = select(Subscription).where(Subscription.account_id == account_id)
    return list(session.scalars(theirs.order_by(Subscription.fetched_at.desc(), Subscription.id).limit(MOST_ROWS)))


def _customers(session: Session, account_id: int) -> list[Customer]:
    theirs = select(Customer).where(Customer.account_id == account_id)
    return list(session.scalars(theirs.order_by(Customer.created_at.desc(), Customer.id).limit(MOST_ROWS)))


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
