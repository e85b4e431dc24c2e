"""Would the plays notice a wrong reading of Stripe's invoices, refunds and features? Each is planted, and they do.

What is wrong with each was once so: docs/stripe.md says it right, and the plays compare with what that says in words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.billing import facts
from app.billing.entitlement import SubscriptionFacts
from app.gateway import events, invoices
from app.gateway.client import Object, Stripe
from app.gateway.values import moment
from tests.support.billing_proof import Proof
from tests.support.planted import find
from tests.support.schedules import plans, plans_of_all
from tests.support.stripe_changes import THEMES, VERBS


def judge_by_the_latest_invoice(patch: pytest.MonkeyPatch) -> None:
    """A change of plan whose invoice is voided makes the paid month unpaid."""
    patch.setattr(invoices, "_says_it_all", lambda _invoice: False)
    patch.setattr(invoices, "_of_present_period", lambda _subscription, found: found[0] if found else None)


def let_any_paid_invoice_settle_the_period(patch: pytest.MonkeyPatch) -> None:
    """A change of plan for nothing pays a month that was written off."""
    own = invoices._of_present_period

    def latest_paid(subscription: Object, found: Sequence[Object]) -> Object | None:
        return found[0] if found and found[0]["status"] == "paid" else own(subscription, found)

    patch.setattr(invoices, "_of_present_period", latest_paid)


def wait_for_no_debit(patch: pytest.MonkeyPatch) -> None:
    """Who is called active has paid."""
    dues = invoices.dues
    patch.setattr(invoices, "dues", lambda *given: replace(dues(*given), awaited=False))


def hear_no_invoice_become_due(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks again when a period's invoice opens."""
    patch.delitem(events.FOLLOWED, "invoice.finalized")


def count_grace_from_the_oldest_open_invoice(patch: pytest.MonkeyPatch) -> None:
    """A bill has no days of grace, since it was finalised a month before it fell due."""

    def oldest(_stripe: Stripe, _unpaid: Any, found: Sequence[Object]) -> datetime | None:
        opened = [each["status_transitions"]["finalized_at"] for each in found if each["status"] == "open"]
        return moment(min(opened)) if opened else None

    patch.setattr(invoices, "_failed_at", oldest)


def give_grace_to_who_never_paid(patch: pytest.MonkeyPatch) -> None:
    rule = facts._facts
    patch.setattr(facts, "_facts", lambda *given: replace(rule(*given), paid_before=True))


def take_what_costs_nothing_for_a_payment(patch: pytest.MonkeyPatch) -> None:
    """A free month undoes a refund."""
    patch.setattr(invoices, "_brought_money", lambda invoice, _subscription: invoice["status"] == "paid")


def take_one_refund_for_all(patch: pytest.MonkeyPatch) -> None:
    """Of a payment in two parts, the smaller was given back."""

    def any_back(row: Any, refunds: Mapping[str, int], _price: str | None) -> bool:
        return row.invoice in refunds

    patch.setattr(facts, "_is_given_back", any_back)


def take_the_latest_payment_for_that_of_each_item(patch: pytest.MonkeyPatch) -> None:
    """Whose month was given back may not write for a year that is paid, and one month pays for a year that was."""
    rule = facts._is_given_back
    patch.setattr(facts, "_is_given_back", lambda row, refunds, _price: rule(row, refunds, None))


def let_a_feature_count_for_all_subscriptions(patch: pytest.MonkeyPatch) -> None:
    """Who was given their money back for one product buys any other, and writes."""
    patch.setattr(facts, "_granting", lambda row, sold: sold.intersection((*row.products, *(row.entitled_to or ()))))


def let_an_inquiry_become_a_dispute_unheard(patch: pytest.MonkeyPatch) -> None:
    patch.delitem(events.FOLLOWED, "charge.dispute.updated")


def let_the_longest_period_count_everywhere(patch: pytest.MonkeyPatch) -> None:
    """What is subscribed to by the month at one site lasts as long as what is by the year at another."""
    rule = facts._facts

    def longest(row: Any, *item: Any) -> SubscriptionFacts:
        return replace(rule(row, *item), period_end=row.period_end)

    patch.setattr(facts, "_facts", longest)


def let_one_period_pay_for_all(patch: pytest.MonkeyPatch) -> None:
    """The next month that is paid settles a year that was written off."""
    patch.setattr(invoices, "_has_several_periods", lambda _subscription: False)


# each with what brings it to light: in the short plays nothing else happens
PLANTS: dict[Callable[[pytest.MonkeyPatch], None], list[str]] = {
    judge_by_the_latest_invoice: ["renewed", "switch voided", "switch written off"],
    let_any_paid_invoice_settle_the_period: ["renewal failed", "period written off", "plan switched for nothing"],
    wait_for_no_debit: ["first debit begins", "trial begins", "debit begun"],
    hear_no_invoice_become_due: ["renewed", "debit begun", "bill sent"],
    count_grace_from_the_oldest_open_invoice: ["bill sent", "bill fell due", "debit begun", "debit bounced"],
    give_grace_to_who_never_paid: ["first debit begins", "debit bounced", "trial begins", "renewal failed"],
    take_what_costs_nothing_for_a_payment: ["free month begins", "refunded", "renewed for nothing"],
    take_one_refund_for_all: ["renewed in two payments", "refunded"],
    take_the_latest_payment_for_that_of_each_item: ["item added", "renewed", "refunded", "year renewed"],
    let_a_feature_count_for_all_subscriptions: ["bundle taken", "refunded", "product exchanged"],
    let_an_inquiry_become_a_dispute_unheard: ["asked about", "disputed"],
    let_the_longest_period_count_everywhere: ["renewed", "item added"],
    let_one_period_pay_for_all: ["item added", "year failed", "year written off", "renewed"],
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_reading_is_found(
    proof: Proof, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    # the two subscriptions of one customer are the first and the third
    targets = [0, 2] if plant is let_a_feature_count_for_all_subscriptions else [0]
    find(proof, plans(PLANTS[plant], targets), plant.__name__)


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_reading_is_found_among_all_that_can_happen(
    proof: Proof, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    find(proof, plans_of_all(list(VERBS), THEMES), plant.__name__)
