"""Each event that is followed: what happens at Stripe, told by real webhooks in both forms, and what it does to us."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.billing.entitlement import Reason
from app.models import Customer, PaymentCase, StripeEvent, Subscription, Trait
from app.simulator import invoices, lifecycle, methods, setups
from app.simulator.store import Object
from app.simulator.webhooks import emit
from config.settings import SIMULATED_PRODUCT
from tests.support import factories
from tests.support.paper import Paper
from tests.support.told_by_stripe import at_stripe, begin, hear, reminders_to

SNAPSHOT, THIN = 0, 1
NEW_CARD = "5555555555554444"


def charge(paper: Paper, subscription: str) -> str:
    customer = at_stripe(paper, subscription)["customer"]
    return str(paper.simulated.find("charge", {"customer": customer})[0]["id"])


def control(path: str, **form: object) -> Callable[[Paper, str], None]:
    """SUB, CHARGE and CUSTOMER in the path stand for the ids."""

    def act(paper: Paper, subscription: str) -> None:
        customer = at_stripe(paper, subscription)["customer"]
        ids = {"SUB": subscription, "CHARGE": charge(paper, subscription), "CUSTOMER": customer}
        paper.control("/".join(ids.get(part, part) for part in path.split("/")), **form)

    return act


def inside(change: Callable[[Paper, Object], object]) -> Callable[[Paper, str], None]:
    """Something that the controls do not offer happens to the subscription."""

    def act(paper: Paper, subscription: str) -> None:
        with paper.simulated.transaction():
            change(paper, at_stripe(paper, subscription))

    return act


def after(*acts: Callable[[Paper, str], None]) -> Callable[[Paper, str], None]:
    """One after the other, each heard of before the next."""

    def act(paper: Paper, subscription: str) -> None:
        for each in acts:
            each(paper, subscription)
            hear(paper)

    return act


def fail_refund(paper: Paper, subscription: str) -> None:
    (refund,) = paper.simulated.find("refund", {"charge": charge(paper, subscription)})
    paper.control(f"refunds/{refund['id']}/fail")


def close(how: Callable[..., Object]) -> Callable[[Paper, str], None]:
    """A renewal that nobody pays is voided or written off, and Stripe calls the subscription active again."""

    def act(paper: Paper, subscription: Object) -> None:
        lifecycle.advance(paper.simulated, subscription, payment="fails")
        how(paper.simulated, paper.simulated.get("invoice", subscription["latest_invoice"]))
        paper.simulated.save("subscription", subscription | {"status": "active"})

    return inside(act)


def reissue(paper: Paper, subscription: str) -> None:
    customer = at_stripe(paper, subscription)["customer"]
    (card,) = paper.simulated.find("payment_method", {"customer": customer})
    paper.control(f"methods/{card['id']}/reissue", number=NEW_CARD)


def new_card(paper: Paper) -> Object:
    return paper.simulated.save("payment_method", methods.from_card(NEW_CARD, {"email": None, "name": None}))


def identities(paper: Paper) -> set[str]:
    with paper.database.reading() as session:
        return set(session.scalars(select(Trait.token)))


def cases(paper: Paper) -> list[str]:
    with paper.database.reading() as session:
        return list(session.scalars(select(PaymentCase.kind).order_by(PaymentCase.id)))


@dataclass(frozen=True)
class Row:
    """`event` is the one of the table; `reason` what the reader is told after it."""

    event: str
    act: Callable[[Paper, str], None]
    reason: Reason
    letters: int = 0
    cases: tuple[str, ...] = ()
    new_identity: bool = False


def name(row: Row) -> str:
    return f"{row.event}-{row.reason}"


subscription = "customer.subscription"
refund, dispute = control("charges/CHARGE/refund"), control("charges/CHARGE/dispute")
fail, pay = control("subscriptions/SUB/fail"), control("subscriptions/SUB/pay")
pause = control("subscriptions/SUB/pause")
ROWS = (
    Row(f"{subscription}.created", lambda _paper, _subscription: None, Reason.ACTIVE),
    Row(f"{subscription}.updated", control("subscriptions/SUB/unpaid"), Reason.UNPAID, letters=1),
    Row(f"{subscription}.deleted", control("subscriptions/SUB/cancel"), Reason.ENDED),
    Row(f"{subscription}.paused", pause, Reason.PAUSED),
    Row(f"{subscription}.resumed", after(pause, control("subscriptions/SUB/resume")), Reason.ACTIVE),
    Row(f"{subscription}.trial_will_end", control("subscriptions/SUB/trial_will_end"), Reason.ACTIVE),
    Row("invoice.paid", after(fail, pay), Reason.ACTIVE, letters=1),
    Row("invoice.paid", after(refund, control("subscriptions/SUB/renew")), Reason.ACTIVE),
    Row("invoice.payment_failed", fail, Reason.PAST_DUE_GRACE, letters=1),
    Row("invoice.voided", close(invoices.void), Reason.UNPAID),
    Row("invoice.marked_uncollectible", close(invoices.write_off), Reason.UNPAID),
    Row("charge.refunded", refund, Reason.REFUNDED),
    Row("charge.refunded", control("charges/CHARGE/refund", amount=100), Reason.ACTIVE),
    Row("refund.failed", after(refund, fail_refund), Reason.ACTIVE),
    Row("charge.dispute.created", dispute, Reason.DISPUTE),
    Row("charge.dispute.created", control("charges/CHARGE/dispute", status="warning_needs_response"), Reason.ACTIVE),
    Row(
        "charge.dispute.closed",
        after(dispute, control("charges/CHARGE/end_disputes", status="lost")),
        Reason.DISPUTE,
        cases=("lost_dispute",),
    ),
    Row(
        "charge.dispute.funds_reinstated",
        after(dispute, control("charges/CHARGE/end_disputes", status="won")),
        Reason.ACTIVE,
    ),
    Row(
        "radar.early_fraud_warning.created",
        control("charges/CHARGE/warn"),
        Reason.FRAUD_WARNING,
        cases=("fraud_warning",),
    ),
    Row(
        "customer.updated",
        inside(
            lambda paper, it: emit(
                paper.simulated,
                "customer.updated",
                paper.simulated.save(
                    "customer", paper.simulated.get("customer", it["customer"]) | {"email": "other@example.org"}
                ),
            )
        ),
        Reason.ACTIVE,
        new_identity=True,
    ),
    Row(
        "payment_method.attached",
        control("customers/CUSTOMER/methods", number=NEW_CARD),
        Reason.ACTIVE,
        new_identity=True,
    ),
    Row("payment_method.automatically_updated", reissue, Reason.ACTIVE, new_identity=True),
    Row(
        "setup_intent.succeeded",
        inside(
            lambda paper, it: setups.confirm(
                paper.simulated, setups.new(it["customer"], {}), new_card(paper), present=True
            )
        ),
        Reason.ACTIVE,
        new_identity=True,
    ),
    Row(
        "customer.deleted",
        inside(
            lambda paper, it: lifecycle.delete_customer(
                paper.simulated, paper.simulated.get("customer", it["customer"])
            )
        ),
        Reason.NO_SUBSCRIPTION,
    ),
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", [SNAPSHOT, THIN], ids=["whole", "thin"])
@pytest.mark.parametrize("row", ROWS, ids=name)
def test_what_is_told_by_webhook_decides(paper: Paper, row: Row, form: int) -> None:
    paper.control("knobs", form=form)
    identifier = begin(paper)
    known = identities(paper)
    row.act(paper, identifier)
    hear(paper)
    with paper.database.reading() as session:
        kinds = set(session.scalars(select(StripeEvent.type)))
    assert (f"v1.{row.event}" if form == THIN else row.event) in kinds
    assert paper.entitlement().reason is row.reason
    assert reminders_to(paper) == row.letters
    assert tuple(cases(paper)) == row.cases
    assert bool(identities(paper) - known) is row.new_identity


@pytest.mark.parametrize("form", [SNAPSHOT, THIN], ids=["whole", "thin"])
def test_entitlements_are_listed_again_whenever_they_change(paper: Paper, form: int) -> None:
    paper.control("knobs", form=form)
    with paper.database.transaction() as session:
        factories.site(session, products=("comment",))
    identifier = begin(paper)
    paper.control(f"products/{SIMULATED_PRODUCT}/features", lookup_key="comment")
    hear(paper)
    with paper.database.reading() as session:
        assert session.get_one(Customer, at_stripe(paper, identifier)["customer"]).features == ["comment"]


def test_a_checkout_that_expires_brings_nothing_and_can_be_begun_again(paper: Paper) -> None:
    browser = paper.browser()
    page = paper.go_to_checkout(browser)
    paper.control(f"checkouts/{page.rpartition('/')[2]}/expire")
    hear(paper)
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION
    paper.pay(paper.go_to_checkout(browser))
    hear(paper)
    assert paper.entitlement().reason is Reason.ACTIVE


def test_of_an_unknown_type_only_type_and_id_are_kept(paper: Paper) -> None:
    with paper.simulated.transaction():
        told = emit(paper.simulated, "tax.settings.updated", {"id": "tax_1", "object": "tax.settings"})
    hear(paper)
    with paper.database.reading() as session:
        row = session.get_one(StripeEvent, told["id"])
    assert (row.type, row.state) == ("tax.settings.updated", "ignored_type")


def debit_under_way(paper: Paper, back: str) -> Any:
    """What Stripe says of a Checkout that was paid by a debit that takes days; what it will say once it has arrived."""
    session_id = back.partition("session=")[2]
    store = paper.simulated
    with store.transaction():
        session = store.get("checkout.session", session_id)
        invoice = store.get("invoice", session["invoice"])
        store.save("checkout.session", session | {"payment_status": "unpaid"})
        store.save("invoice", invoice | {"status": "open", "amount_paid": 0})
    return session_id, invoice


@pytest.mark.parametrize("arrives", [True, False])
def test_a_debit_that_takes_days_lets_nobody_write_until_it_has_arrived(paper: Paper, arrives: bool) -> None:
    paper.control("knobs", drop_percent=100)
    browser = paper.browser()
    back = paper.pay(paper.go_to_checkout(browser))
    session_id, invoice = debit_under_way(paper, back)
    assert "Your bank may take a few days" in browser.get(back, timeout=10).text
    assert paper.entitlement().reason is Reason.INCOMPLETE
    paper.control("knobs", drop_percent=0)
    with paper.simulated.transaction():
        bought = paper.simulated.get("checkout.session", session_id)["subscription"]
        if arrives:
            paper.simulated.save("invoice", invoice)
        else:
            paper.simulated.save("subscription", at_stripe(paper, bought) | {"status": "incomplete"})
    paper.control(f"checkouts/{session_id}/async_payment_{'succeeded' if arrives else 'failed'}")
    hear(paper)
    assert paper.entitlement().reason is (Reason.ACTIVE if arrives else Reason.INCOMPLETE)
    with paper.database.reading() as session:
        assert session.get_one(Subscription, bought).awaited is False
