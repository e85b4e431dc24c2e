"""A reader who has paid at two Checkout pages that were open at once."""

from dataclasses import dataclass
from typing import Any

import requests
from sqlalchemy import select

from app.models import Item, Letter, PaymentCase, Subscription, Termination
from app.models.payment_case import PAID_TWICE
from tests.support.paper import Paper


@dataclass
class SecondPurchase:
    """What was bought first and then, by Stripe's ids, and what the reader has in hand."""

    paper: Paper
    browser: requests.Session
    first: str
    second: str

    def page(self) -> str:
        return self.browser.get(f"{self.paper.settings.public_url}/subscription", timeout=10).text

    def press(self, subscription: str | None = None) -> int:
        """The button that ends the later one; the status of the answer."""
        url, form = (
            f"{self.paper.settings.public_url}/subscription/end-second",
            {"subscription": subscription or self.second},
        )
        return self.browser.post(url, data=form, allow_redirects=False, timeout=10).status_code

    def statuses(self) -> tuple[str, str]:
        """Of both, at Stripe."""
        first, second = (self.paper.simulated.get("subscription", each) for each in (self.first, self.second))
        return first["status"], second["status"]

    def refunds(self) -> list[tuple[str, int]]:
        """The subscription that each was of, and its amount."""
        store = self.paper.simulated
        found = [(store.get("charge", each["charge"]), each["amount"]) for each in store.find("refund")]
        return sorted((self._of(charge), amount) for charge, amount in found)

    def _of(self, charge: Any) -> str:
        payments = self.paper.simulated.find("invoice_payment", {"payment.payment_intent": charge["payment_intent"]})
        invoice = self.paper.simulated.get("invoice", payments[0]["invoice"])
        return str(invoice["parent"]["subscription_details"]["subscription"])

    def price(self) -> int:
        return int(self.paper.simulated.find("charge")[0]["amount"])

    def cases(self) -> list[tuple[str, str, str]]:
        """(subscription, outcome, state of its item)."""
        with self.paper.database.reading() as session:
            found = select(PaymentCase, Item).join(Item, Item.subject_id == PaymentCase.id)
            rows = session.execute(found.where(PaymentCase.kind == PAID_TWICE).order_by(PaymentCase.id))
            return [(case.reference, case.outcome, item.state) for case, item in rows]

    def letters(self) -> list[str]:
        with self.paper.database.reading() as session:
            mine = select(Letter.kind).where(Letter.account_id == self.paper.reader.id).order_by(Letter.id)
            return list(session.scalars(mine))

    def endings(self) -> list[tuple[str, str]]:
        """(subscription, state)."""
        with self.paper.database.reading() as session:
            rows = session.scalars(select(Termination).order_by(Termination.id))
            return [(row.subscription_id, row.state) for row in rows]


def bought_twice(paper: Paper) -> SecondPurchase:
    """Have the paper's reader open two pages and pay at both."""
    browser = paper.browser()
    pages = [paper.go_to_checkout(browser) for _page in range(2)]
    for page in pages:
        browser.get(paper.pay(page), timeout=10)
    paper.work()
    with paper.database.reading() as session:
        mine = select(Subscription).where(Subscription.account_id == paper.reader.id)
        first, second = sorted(session.scalars(mine), key=lambda each: (each.started_at, each.id))
    return SecondPurchase(paper, browser, first.id, second.id)
