"""Of two subscriptions that sell one reader the same, the later one is paid for nothing: two open Checkout pages can
both be paid.

It is told to its reader and to the moderators, and ended by a click of either (app.terminations). By itself nothing
ends: somebody may want to keep both.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.billing import facts
from app.billing.entitlement import Reason
from app.installation import Installation
from app.models import Subscription
from app.models.payment_case import PAID_TWICE
from app.payers import payment_cases
from app.payers.payment_cases import PayerFinding
from app.stories import sites
from config.policy import HouseRules

# what tells one price of a product from another
PRICE_PREFIXES = ("price_", "plan_")


@dataclass(frozen=True)
class Surplus:
    """A subscription that gives its reader nothing that an earlier one does not; at `site_id` both let them write."""

    subscription: Subscription
    site_id: int


def find(session: Session, house: HouseRules, account_id: int) -> list[Surplus]:
    """What the account pays for twice, the first bought first. A ban changes nothing of it, nor does it of a ban."""
    paid = Subscription.status == "active", Subscription.deleted.is_(False), Subscription.paid_amount > 0
    mine = sorted(session.scalars(select(Subscription).where(Subscription.account_id == account_id, *paid)), key=_age)
    found: dict[str, Surplus] = {}
    for site in sites.listed(session) if len(mine) > 1 else ():
        answers = facts.each(session, account_id, site, clock.now(), house.at(site.policy))
        working = [each for each in mine if answers[each.id].reason is Reason.ACTIVE]
        for number, later in enumerate(working):
            if any(_sells(earlier, later) and _outlasts(earlier, later) for earlier in working[:number]):
                found.setdefault(later.id, Surplus(later, site.id))
    return [found[each.id] for each in mine if each.id in found]


def ask(it: Installation, subscription_id: str) -> None:
    """Have the moderators know what the reader of a subscription pays for twice, each once. Call it outside of any
    transaction: of two that are written at the same moment, whoever comes last sees both.
    """
    with it.database.reading() as session:
        account_id = session.scalar(select(Subscription.account_id).where(Subscription.id == subscription_id))
        found = find(session, it.house, account_id) if account_id is not None else []
    if found and account_id is not None:
        with it.database.transaction() as session:
            for each in found:
                finding = PayerFinding(PAID_TWICE, account_id, each.subscription.id)
                payment_cases.ask(session, it.house, finding, each.site_id)


def earlier(session: Session, subscription: Subscription) -> list[str]:
    """Ids of what the reader of a subscription had bought before, and that sells the same."""
    others = select(Subscription).where(Subscription.account_id == subscription.account_id)
    known = session.scalars(others.where(Subscription.id != subscription.id))
    return sorted(each.id for each in known if _age(each) < _age(subscription) and _sells(each, subscription))


def _age(subscription: Subscription) -> tuple[float, str]:
    started = subscription.started_at
    return started.timestamp() if started else 0.0, subscription.id


def _sells(one: Subscription, other: Subscription) -> bool:
    """Whether `one` has every product of the `other`, at whatever price; else that gives its reader something more."""
    products = {name for name in other.products if not name.startswith(PRICE_PREFIXES)}
    return (products or set(other.products)) <= set(one.products)


def _outlasts(one: Subscription, other: Subscription) -> bool:
    """Whether `one` goes on, as far as the `other` does: what was bought to follow on what ends is wanted."""
    return one.cancel_at is None or other.cancel_at is not None
