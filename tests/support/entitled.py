"""Who may write, as docs/stripe.md says it in words, worked out from what was done at Stripe and from nothing of ours.

It shares no line with app.billing.entitlement or with what reads Stripe's objects: two readings of the same sentences.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.support.stripe_bills import Period, Term
from tests.support.stripe_changes import BUNDLE, FEATURE, Contract, moment, products_of
from tests.support.stripe_truth import Object

TAKEN_BACK = ("needs_response", "under_review", "lost")


@dataclass(frozen=True)
class Answer:
    """Until when somebody may write (None: not now), and the line of the table that says so."""

    until: datetime | None
    line: str


@dataclass(frozen=True)
class Terms:
    """What a site sells, by product or feature, and how patient it is."""

    sold: Collection[str]
    lease: timedelta
    grace: timedelta


def answers(contracts: Iterable[Contract], terms: Terms, now: datetime) -> list[Answer]:
    """One for each subscription that is there, or one for each thing in it that the site sells."""
    return [answer for each in contracts if each.now_at_stripe for answer in _answers(each, terms, now)]


def latest(given: Collection[Answer]) -> datetime | None:
    """Until when somebody may write who has all of these: the best is enough."""
    return max((each.until for each in given if each.until), default=None)


def _answers(contract: Contract, terms: Terms, now: datetime) -> list[Answer]:
    true = contract.now_at_stripe
    assert true is not None
    sold = _sold(contract, true, terms)
    if not sold or contract.is_customer_deleted:
        return [Answer(None, "no_subscription")]
    scheduled = moment(true["cancel_at"]) or (_first_period(true) if true["cancel_at_period_end"] else None)
    if true["ended_at"] or (scheduled and scheduled <= now):
        return [Answer(None, "ended")]
    if any(contract.dispute_of(charge) in TAKEN_BACK for charge in contract.charges):
        return [Answer(None, "dispute")]
    return [_in_time(_of_item(contract, item, terms), now, scheduled) for item in sold]


def _in_time(given: Answer, now: datetime, scheduled: datetime | None) -> Answer:
    if given.until is None or given.until <= now:
        return Answer(None, {"active": "lease_ended", "past_due_grace": "past_due"}.get(given.line, given.line))
    return Answer(min(given.until, scheduled or given.until), given.line)


def _of_item(contract: Contract, item: Object, terms: Terms) -> Answer:
    """Where several items have periods of their own, Stripe's word for all of them says nothing of the one."""
    true, bills = contract.now_at_stripe or {}, contract.bills
    items = true["items"]["data"]
    term, status = bills.year if item in items[1:] else bills.month, true["status"]
    if bills.is_given_back(term if len(items) > 1 else None):
        return Answer(None, "refunded")
    if len(items) > 1 and status in ("active", "past_due"):
        status = "past_due" if term.period is Period.FAILED else "active"
    paid_until = moment(item["current_period_end"])
    assert paid_until is not None
    if status == "active":
        return _active(contract, term, paid_until, terms)
    if status == "past_due":
        failed = moment(term.failed_at)
        if failed is None or not bills.paid:
            return Answer(None, "past_due")
        return Answer(failed + terms.grace, "past_due_grace")
    lines: dict[str, str] = {"trialing": "trial", "hibernating": "unknown_status"}
    return Answer(None, lines.get(status, str(status)))


def _active(contract: Contract, term: Term, paid_until: datetime, terms: Terms) -> Answer:
    true, bills = contract.now_at_stripe or {}, contract.bills
    behaviour = (true["pause_collection"] or {}).get("behavior")
    comes_by_itself = true["collection_method"] != "send_invoice"
    if term.period in (Period.ON_ITS_WAY, Period.FAILED) and comes_by_itself and not bills.paid:
        return Answer(None, "incomplete")
    if term.period is Period.WRITTEN_OFF and behaviour == "void":
        return Answer(None, "collection_paused")
    if term.period is Period.WRITTEN_OFF and behaviour is None:
        return Answer(None, "unpaid")
    if behaviour is None:
        return Answer(paid_until + terms.lease, "active")
    return Answer(paid_until if behaviour == "void" else paid_until + terms.lease, "collection_paused")


def _sold(contract: Contract, true: Object, terms: Terms) -> list[Object]:
    """The items that the site sells: a product, or the feature that a product carries, which Stripe gives to a customer
    as long as any subscription that carries it is not over or unpaid."""
    sold = set(terms.sold) & products_of(true)
    if FEATURE in terms.sold and f"ent_{contract.customer}" in contract.truth.all("entitlements.active_entitlements"):
        sold |= {BUNDLE} & products_of(true)
    return [item for item in true["items"]["data"] if item["price"]["product"] in sold]


def _first_period(true: Object) -> datetime | None:
    """By the flag Stripe ends a subscription with the period of what lasts longest."""
    return moment(max(item["current_period_end"] for item in true["items"]["data"]))
