"""What became of a payment, asked at Stripe over a real socket, and what it does to the right to write."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.billing import jobs, sync
from app.billing.entitlement import Reason
from app.db import Database
from app.gateway.client import Object
from app.models import Charge, Item, PaymentCase, StripeSync
from app.reconcile import condition, gauges
from app.simulator import disputes, fraud_warnings, invoices, lifecycle, refunds
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.paper import Paper


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives, so that each test gives the hints itself."""
    paper.control("knobs", drop_percent=100)
    return paper


@pytest.fixture
def charge(paper: Paper) -> str:
    """The id of the charge that paid for the reader's subscription, both known to us."""
    subscription = paper.sold(account_id=paper.reader.id)
    (paid,) = paper.simulated.find("charge", {})
    paper.look("subscription", subscription)
    paper.look("charge", paid["id"])
    assert paper.entitlement().reason is Reason.ACTIVE
    return str(paid["id"])


def happen(paper: Paper, act: Callable[[Object], Object], charge: str) -> str:
    """Something befalls the charge at Stripe, unheard; the id of what came of it."""
    with paper.simulated.transaction():
        return str(act(paper.simulated.get("charge", charge))["id"])


def judged(paper: Paper, outcome: str) -> str:
    """A moderator judges the one finding there is; its kind."""
    with paper.database.transaction() as session:
        case = session.scalars(select(PaymentCase)).one()
        assert session.scalars(select(Item.kind).where(Item.subject_id == case.id)).all() == ["payment"]
        session.execute(update(PaymentCase).values(outcome=outcome))
        return case.kind


def test_a_charge_is_known_with_what_it_paid_for(paper: Paper, charge: str) -> None:
    with paper.database.reading() as session:
        row = session.get_one(Charge, charge)
    assert row.subscription_id is not None
    assert row.invoice_id is not None
    assert (row.dispute_status, row.fraud_warning, row.amount_refunded) == (None, False, 0)


def test_a_full_refund_ends_it_and_one_that_fails_gives_it_back(paper: Paper, charge: str) -> None:
    refund = happen(paper, lambda it: refunds.refund(paper.simulated, it, it["amount"], None, {}), charge)
    paper.look("refund", refund)
    assert paper.entitlement().reason is Reason.REFUNDED
    with paper.simulated.transaction():
        refunds.fail(paper.simulated, paper.simulated.get("refund", refund))
    paper.look("refund", refund)
    assert paper.entitlement().reason is Reason.ACTIVE


def test_a_change_of_plan_that_costs_nothing_does_not_undo_a_refund(paper: Paper, charge: str) -> None:
    """A reader can bring about the invoice of one in the Portal, with credit for the old plan and nothing to pay."""
    refund = happen(paper, lambda it: refunds.refund(paper.simulated, it, it["amount"], None, {}), charge)
    paper.look("refund", refund)
    store = paper.simulated
    with store.transaction():
        (bought,) = store.find("subscription", {})
        free = invoices.draw_up(store, bought, "subscription_update")
        store.save(
            "invoice", free | {"status": "paid", "amount_paid": 0, "amount_due": 0, "created": free["created"] + 9}
        )
        store.save("subscription", bought)
    paper.look("subscription", bought["id"])
    assert paper.entitlement().reason is Reason.REFUNDED


def test_a_partial_refund_changes_nothing(paper: Paper, charge: str) -> None:
    paper.look("refund", happen(paper, lambda it: refunds.refund(paper.simulated, it, 100, None, {}), charge))
    assert paper.entitlement().reason is Reason.ACTIVE
    with paper.database.reading() as session:
        assert session.get_one(Charge, charge).amount_refunded == 100


def test_a_dispute_holds_until_it_is_won(paper: Paper, charge: str) -> None:
    dispute = happen(paper, lambda it: disputes.dispute(paper.simulated, it, "needs_response", "fraudulent"), charge)
    paper.look("dispute", dispute)
    assert paper.entitlement().reason is Reason.DISPUTE
    with paper.simulated.transaction():
        disputes.move(paper.simulated, paper.simulated.get("dispute", dispute), "won")
    paper.look("dispute", dispute)
    assert paper.entitlement().reason is Reason.ACTIVE


def test_a_lost_dispute_is_a_question_to_the_moderators_who_may_let_it_be(paper: Paper, charge: str) -> None:
    dispute = happen(paper, lambda it: disputes.dispute(paper.simulated, it, "lost", "fraudulent"), charge)
    for _ in range(2):
        paper.look("dispute", dispute)
    assert paper.entitlement().reason is Reason.DISPUTE
    assert judged(paper, "confirmed") == "lost_dispute"
    assert paper.entitlement().reason is Reason.DISPUTE
    judged(paper, "allowed")
    assert paper.entitlement().reason is Reason.ACTIVE


def test_a_warning_of_fraud_holds_until_a_moderator_dismisses_it(paper: Paper, charge: str) -> None:
    warning = happen(paper, lambda it: fraud_warnings.warn(paper.simulated, it, "made_with_stolen_card"), charge)
    paper.look("radar.early_fraud_warning", warning)
    assert paper.entitlement().reason is Reason.FRAUD_WARNING
    assert judged(paper, "dismissed") == "fraud_warning"
    assert paper.entitlement().reason is Reason.ACTIVE


def test_an_invoice_leads_to_its_subscription_and_its_charge(paper: Paper, charge: str) -> None:
    with paper.database.reading() as session:
        paid = session.get_one(Charge, charge)
        asked = {key: session.get_one(StripeSync, key).requested_seq for key in marks_of(paid)}
    paper.look("invoice", paid.invoice_id or "")
    with paper.database.reading() as session:
        again = {key: session.get_one(StripeSync, key).requested_seq for key in marks_of(paid)}
    assert all(again[key] > asked[key] for key in asked)


def marks_of(charge: Charge) -> list[tuple[str, str]]:
    return [("charge", charge.id), ("subscription", charge.subscription_id or "")]


def test_a_charge_of_long_ago_names_its_invoice_and_that_its_subscription(paper: Paper, charge: str) -> None:
    with paper.database.transaction() as session:
        known = session.get_one(Charge, charge)
        expected = (known.invoice_id, known.subscription_id)
        session.delete(known)
    with paper.simulated.transaction():
        old = paper.simulated.get("charge", charge)
        paper.simulated.save("charge", old | {"payment_intent": None, "invoice": expected[0]})
        invoice = paper.simulated.get("invoice", expected[0] or "")
        paper.simulated.save("invoice", invoice | {"parent": None, "subscription": expected[1]})
    paper.look("charge", charge)
    with paper.database.reading() as session:
        row = session.get_one(Charge, charge)
        assert (row.invoice_id, row.subscription_id) == expected


def test_an_invoice_that_is_written_off_leaves_a_period_that_nobody_paid(paper: Paper, charge: str) -> None:
    with paper.database.reading() as session:
        subscription = session.get_one(Charge, charge).subscription_id or ""
    with paper.simulated.transaction():
        lifecycle.advance(paper.simulated, paper.simulated.get("subscription", subscription), payment="fails")
        latest = paper.simulated.get("subscription", subscription)["latest_invoice"]
        invoices.write_off(paper.simulated, paper.simulated.get("invoice", latest))
        later = paper.simulated.get("subscription", subscription)
        paper.simulated.save("subscription", later | {"status": "active"})
    paper.look("subscription", subscription)
    assert paper.entitlement().reason is Reason.UNPAID
    with paper.simulated.transaction():
        paused = {"pause_collection": {"behavior": "mark_uncollectible", "resumes_at": None}}
        paper.simulated.save("subscription", paper.simulated.get("subscription", subscription) | paused)
    paper.look("subscription", subscription)
    assert paper.entitlement().reason is Reason.COLLECTION_PAUSED
    assert paper.entitlement().allowed


def test_what_cannot_be_written_is_left_with_its_reason_and_not_asked_for_again(paper: Paper, charge: str) -> None:
    with paper.simulated.transaction():
        paper.simulated.save("charge", paper.simulated.get("charge", charge) | {"livemode": True})
    paper.look("charge", charge)
    with paper.database.transaction() as session:
        seen = session.get_one(StripeSync, ("charge", charge))
        assert (seen.trouble, seen.applied_seq) == ("wrong_mode", seen.requested_seq)
        assert sync.resume_unfinished(session, 10) == 0
        assert gauges.read(session)["in_trouble"] == 1
        assert ("cannot be followed", charge) in condition.lines(session, paper.settings)
    with paper.simulated.transaction():
        paper.simulated.save("charge", paper.simulated.get("charge", charge) | {"livemode": False})
    paper.look("charge", charge)
    with paper.database.reading() as session:
        assert session.get_one(StripeSync, ("charge", charge)).trouble is None
        assert gauges.read(session)["in_trouble"] == 0


def test_every_type_that_can_be_marked_can_be_followed(
    settings: Settings, house: HouseRules, database: Database
) -> None:
    from app.gateway.events import ASKED_FOR, FOLLOWED

    by_type = jobs.refreshers(assembled(settings, house, database))
    whole = {kind for places in ASKED_FOR.values() for kind, _ in places}
    notices = set(FOLLOWED.values()) - {"entitlements.active_entitlement_summary"} | {"event"}
    assert whole | notices <= by_type.keys()
