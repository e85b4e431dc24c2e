"""Restricted keys: what only asks Stripe goes by the read key, which may change nothing; changes go by the other."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import worker
from app.billing import sync, throttle
from app.billing.entitlement import Reason
from app.db import Database
from app.gateway import rights, subscriptions
from app.gateway.client import Stripe, StripeUnavailable
from app.models import Charge, Subscription
from app.models.termination import DONE
from config.policy import HouseRules
from config.settings import Settings
from tests.support import moderating
from tests.support.assembled import assembled
from tests.support.ending import Ending, prepared
from tests.support.paper import living_paper
from tests.support.stripe_gate import Call, Gate, gate_before

READ, WRITE = "rk_test_reading_only", "rk_test_writing_too"


def beyond_its_rights(call: Call) -> bool:
    """What Stripe would refuse: a change by the read key. That the other is not used to read is asserted below."""
    return call.key == READ and call.method != "GET"


@pytest.fixture
def ending(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Ending]:
    with living_paper(settings, house, database, tmp_path) as paper:
        yield prepared(paper)


@pytest.fixture
def gate(ending: Ending) -> Iterator[Gate]:
    """From here on the background work calls through the gate, with two keys."""
    with gate_before(ending.paper.settings.stripe_api_base) as found:
        found.refuse = beyond_its_rights
        ending.paper.settings = replace(
            ending.paper.settings, stripe_api_base=found.url, stripe_api_key=WRITE, stripe_read_key=READ
        )
        yield found


def test_all_background_work_that_only_asks_needs_no_more_than_the_read_key(ending: Ending, gate: Gate) -> None:
    it = ending.paper
    with it.database.transaction() as session:
        row = session.get_one(Subscription, ending.subscription)
        for object_type, object_id in ((sync.SUBSCRIPTION, row.id), (sync.CUSTOMER, row.customer_id)):
            sync.request(session, object_type, object_id)
        row.status = "unpaid"
    runner = worker.runner(throttle.throttled(assembled(it.settings, it.house, it.database)))
    runner.plan()
    runner.run_all()
    with it.database.reading() as session:
        assert session.get_one(Subscription, ending.subscription).status == "active"
    assert it.entitlement().reason is Reason.BANNED
    assert len(gate.calls) >= 2
    assert {(call.key, call.method) for call in gate.calls} == {(READ, "GET")}


def test_a_termination_asks_by_the_one_key_and_acts_by_the_other(ending: Ending, gate: Gate) -> None:
    ending.approved()
    worker.runner(throttle.throttled(ending.paper.it)).run_all()
    assert ending.row().state == DONE
    used = {(call.key, call.method) for call in gate.calls}
    assert used == {(READ, "GET"), (WRITE, "DELETE"), (WRITE, "POST")}


def test_a_key_without_the_right_changes_nothing_and_the_work_waits_for_a_better_one(
    ending: Ending, gate: Gate
) -> None:
    it = ending.paper
    poor = throttle.throttled(assembled(replace(it.settings, stripe_api_key=READ), it.house, it.database))
    with pytest.raises(StripeUnavailable):
        subscriptions.end_now(poor.stripe, ending.subscription, "1")
    ending.approved()
    worker.runner(poor).run_all()
    assert ending.row().done_at is None
    assert ending.at_stripe(f"subscriptions/{ending.subscription}")["status"] == "active"
    ending.hurry()
    worker.runner(throttle.throttled(assembled(it.settings, it.house, it.database))).run_all()
    assert ending.row().state == DONE
    with it.database.reading() as session:
        assert len(moderating.rows(session, Subscription, status="canceled")) == 1


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/radar/early_fraud_warnings", "radar.early_fraud_warnings"),
        ("/v1/invoice_payments", "invoice_payments"),
        ("/v1/checkout/sessions", "checkout.sessions"),
        ("/v1/setup_intents", "setup_intents"),
        ("/v1/charges", "charges"),
    ],
)
def test_it_is_said_of_a_key_what_it_may_not_read(ending: Ending, gate: Gate, path: str, named: str) -> None:
    """Without warnings of fraud, for one, no charge would ever be written, however many times it was tried."""
    stripe = Stripe(ending.paper.settings)
    assert rights.unreadable(stripe) == []
    gate.refuse = lambda call: call.path == path
    assert rights.unreadable(stripe) == [named]


def test_a_list_that_is_refused_keeps_no_refund_unheard(ending: Ending, gate: Gate) -> None:
    it = ending.paper
    (charge,) = it.simulated.find("charge")
    it.control(f"charges/{charge['id']}/refund")
    gate.refuse = lambda call: call.path == "/v1/radar/early_fraud_warnings"
    it.look("charge", charge["id"])
    with it.database.reading() as session:
        row = session.get_one(Charge, charge["id"])
        assert (row.amount_refunded, row.fraud_warning) == (charge["amount"], False)


def test_a_dispute_that_may_not_be_read_is_written_as_unanswered(ending: Ending, gate: Gate) -> None:
    it = ending.paper
    (charge,) = it.simulated.find("charge")
    it.control(f"charges/{charge['id']}/refund")
    it.control(f"charges/{charge['id']}/dispute")
    gate.refuse = lambda call: call.path == "/v1/disputes"
    it.look("charge", charge["id"])
    with it.database.reading() as session:
        row = session.get_one(Charge, charge["id"])
        assert (row.amount_refunded, row.dispute_status) == (charge["amount"], "needs_response")


def test_a_dispute_that_was_read_stays_where_its_list_is_refused_later(ending: Ending, gate: Gate) -> None:
    it = ending.paper
    (charge,) = it.simulated.find("charge")
    it.control(f"charges/{charge['id']}/dispute")
    it.look("charge", charge["id"])
    gate.refuse = lambda call: call.path == "/v1/disputes"
    with it.database.transaction() as session:
        session.get_one(Charge, charge["id"]).dispute_status = "lost"
    it.look("charge", charge["id"])
    with it.database.reading() as session:
        assert session.get_one(Charge, charge["id"]).dispute_status == "lost"


@pytest.mark.parametrize("path", ["/v1/charges", "/v1/invoice_payments"])
def test_a_renewal_that_failed_is_heard_of_where_a_list_is_refused(ending: Ending, gate: Gate, path: str) -> None:
    it = ending.paper
    it.control(f"subscriptions/{ending.subscription}/fail")
    gate.refuse = lambda call: call.path == path
    it.look("subscription", ending.subscription)
    with it.database.reading() as session:
        row = session.get_one(Subscription, ending.subscription)
        assert (row.status, row.first_failure_at is not None) == ("past_due", True)


def test_a_warning_that_was_heard_stays_where_its_list_is_refused_later(ending: Ending, gate: Gate) -> None:
    it = ending.paper
    (charge,) = it.simulated.find("charge")
    it.control(f"charges/{charge['id']}/warn")
    it.look("charge", charge["id"])
    gate.refuse = lambda call: call.path == "/v1/radar/early_fraud_warnings"
    it.look("charge", charge["id"])
    with it.database.reading() as session:
        assert session.get_one(Charge, charge["id"]).fraud_warning


def test_without_the_right_to_balances_a_debit_that_came_back_is_heard_of_all_the_same(
    ending: Ending, gate: Gate
) -> None:
    it = ending.paper
    it.control(f"subscriptions/{ending.subscription}/fail")
    gate.refuse = lambda call: call.path == "/v1/charges" and gate.calls[-1] is call and not refused_once(gate)
    it.look("subscription", ending.subscription)
    with it.database.reading() as session:
        assert session.get_one(Subscription, ending.subscription).first_failure_at is not None


def refused_once(gate: Gate) -> bool:
    return sum(call.path == "/v1/charges" for call in gate.calls) > 1
