"""A banned subscriber, two moderators, and an approved termination at the simulated Stripe."""

from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import select, update

from app import clock
from app.accounts.identity import Identity
from app.models import Account, Item, Job, Letter, Subscription, Termination
from app.models.termination import NOW_WITH_REFUND
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from tests.support import factories, moderating
from tests.support.moderating import Desk
from tests.support.paper import Paper
from tests.support.stripe_world import eventually

KEY = {"Authorization": "Bearer sk_test_x"}
REASON = "Third account, third threat."


@dataclass
class Ending:
    """A paper with a banned subscriber, two moderators, and what Stripe holds."""

    paper: Paper
    subscription: str
    first: Identity
    second: Identity
    ban_id: int

    def approved(self, method: str = NOW_WITH_REFUND) -> int:
        """The id of a termination that the second person has approved, with its grace over."""
        it = self.paper
        with it.database.transaction() as session:
            end = ProposedEnd(it.reader.id, self.subscription, method, REASON)
            made = approval.propose(session, it.house, self.first, end)
            (item,) = moderating.rows(session, Item, kind="payment", subject_id=made.id)
            decisions.decide(session, it.house, self.second, Intent(item.id, item.revision, "approve"))
        self.hurry()
        return made.id

    def hurry(self) -> None:
        """Let the grace, or the wait after a failure, be over."""
        with self.paper.database.transaction() as session:
            session.execute(update(Job).where(Job.kind == approval.TERMINATE).values(run_at=clock.now()))

    def row(self) -> Termination:
        with self.paper.database.reading() as session:
            return session.scalars(
                select(Termination)
                .where(Termination.subscription_id == self.subscription)
                .order_by(Termination.id.desc())
                .limit(1)
            ).one()

    def letters(self) -> list[str]:
        """Kinds of what was written about subscriptions."""
        with self.paper.database.reading() as session:
            mine = moderating.rows(session, Letter, account_id=self.paper.reader.id)
        return [each.kind for each in mine if each.kind.startswith("subscription")]

    def page(self, path: str, account_id: int) -> str:
        """One of our pages as somebody sees it."""
        with self.paper.database.reading() as session:
            account = session.get_one(Account, account_id)
        answer = self.paper.browser(account).get(f"{self.paper.settings.public_url}{path}", timeout=10)
        answer.raise_for_status()
        return answer.text

    def at_stripe(self, path: str) -> dict[str, Any]:
        found = requests.get(f"{self.paper.settings.stripe_api_base}/v1/{path}", headers=KEY, timeout=10)
        found.raise_for_status()
        answer: dict[str, Any] = found.json()
        return answer

    def ask_stripe(self, method: str, path: str, **form: object) -> None:
        url = f"{self.paper.settings.stripe_api_base}/v1/{path}"
        requests.request(method, url, data=form, headers=KEY, timeout=10).raise_for_status()

    def customer(self) -> str:
        found: str = self.at_stripe(f"subscriptions/{self.subscription}")["customer"]
        return found

    def refunds(self) -> list[dict[str, Any]]:
        """Of this reader's payments."""
        found = [self.at_stripe(f"refunds?charge={charge['id']}")["data"] for charge in self.charges()]
        return [refund for refunds in found for refund in refunds]

    def charges(self) -> list[dict[str, Any]]:
        """Of this reader, the newest first."""
        found: list[dict[str, Any]] = self.at_stripe(f"charges?limit=100&customer={self.customer()}")["data"]
        return found

    def cancellations(self) -> int:
        """How many times the subscription was ended."""
        found = self.at_stripe("events?limit=100&type=customer.subscription.deleted")["data"]
        return sum(event["data"]["object"]["id"] == self.subscription for event in found)

    def invoice(self) -> dict[str, Any]:
        (found,) = self.at_stripe(f"invoices?subscription={self.subscription}")["data"]
        return self.paper.simulated.get("invoice", found["id"])

    def price(self) -> int:
        price: int = self.charges()[-1]["amount"]
        return price


def prepared(paper: Paper) -> Ending:
    """Have the paper's reader subscribe, and then be banned."""
    paper.pay(paper.go_to_checkout(paper.browser()))
    eventually(lambda: _known(paper))
    with paper.database.transaction() as session:
        story = factories.story(session, paper.site)
        first, second = moderating.moderator(session), moderating.moderator(session)
        desk = Desk(session, paper.settings, paper.house, story, paper.reader, first)
        ban = desk.decide(moderating.ask(session, paper.house, desk.comment()), "ban", "threat")
        (subscription,) = moderating.rows(session, Subscription, account_id=paper.reader.id)
        paper.reader.session_epoch += 1
    return Ending(paper, subscription.id, first, second, ban.id)


def _known(paper: Paper) -> bool:
    paper.work()
    with paper.database.reading() as session:
        return bool(moderating.rows(session, Subscription, account_id=paper.reader.id))
