"""After an outage longer than Stripe's lists reach back, all that still counts is asked for by itself."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app import clock
from app.billing import sync
from app.billing.entitlement import Reason
from app.jobs import queue
from app.models import StripeCursor, Subscription
from app.reconcile import deep, poll, runs
from app.simulator import disputes, fraud_warnings
from tests.support.paper import Paper

LONG_AGO = timedelta(days=60)


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives."""
    paper.control("knobs", drop_percent=100)
    return paper


def refunded_long_ago(paper: Paper) -> None:
    """Of a payment that we never heard of, with money that went back before the lists begin."""
    subscription = paper.sold(account_id=paper.reader.id)
    paper.look("subscription", subscription)
    (charge,) = paper.simulated.find("charge")
    paper.control(f"charges/{charge['id']}/refund")
    with paper.simulated.transaction():
        (refund,) = paper.simulated.find("refund")
        long_ago = refund["created"] - int(LONG_AGO.total_seconds())
        paper.simulated.save("refund", refund | {"created": long_ago})


def test_what_no_list_tells_any_more_is_found_by_a_deep_reconcile(paper: Paper) -> None:
    refunded_long_ago(paper)
    for _slice in runs.whole(paper.database, paper.it.stripe):
        pass
    paper.work()
    assert paper.entitlement().reason is Reason.ACTIVE
    assert deep.mark_all(paper.database, paper.it.stripe) == 1
    paper.work()
    assert paper.entitlement().reason is Reason.REFUNDED


def test_what_paid_for_each_item_last_is_asked_for(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    paper.look("subscription", subscription)
    with paper.database.transaction() as session:
        row = session.get_one(Subscription, subscription)
        row.payments = {"price_year": {"invoice": "in_year", "amount": 500}}
        latest = str(row.paid_invoice)
    deep.mark_all(paper.database, paper.it.stripe)
    with paper.database.reading() as session:
        assert all(sync.requested(session, "invoice", each) for each in (latest, "in_year"))


def test_a_warning_of_a_bank_that_was_not_heard_is_found(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    paper.look("subscription", subscription)
    with paper.simulated.transaction():
        (charge,) = paper.simulated.find("charge")
        fraud_warnings.warn(paper.simulated, charge, "misc")
    deep.mark_all(paper.database, paper.it.stripe)
    paper.work()
    assert paper.entitlement().reason is Reason.FRAUD_WARNING


@pytest.mark.parametrize("finding", ["dispute", "warning"])
def test_what_befell_an_older_payment_before_the_lists_begin_is_found(paper: Paper, finding: str) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    (first,) = paper.simulated.find("charge")
    for _month in range(2):
        paper.control(f"subscriptions/{subscription}/renew")
    paper.look("subscription", subscription)
    with paper.simulated.transaction():
        store, charge = paper.simulated, paper.simulated.get("charge", first["id"])
        if finding == "dispute":
            opened = disputes.dispute(store, charge, "lost", "fraudulent")
            store.save("dispute", opened | {"created": opened["created"] - int(timedelta(days=300).total_seconds())})
        else:
            fraud_warnings.warn(store, charge, "misc")
    for _slice in runs.whole(paper.database, paper.it.stripe):
        pass
    paper.work()
    assert paper.entitlement().reason is Reason.ACTIVE
    deep.mark_all(paper.database, paper.it.stripe)
    paper.work()
    assert paper.entitlement().reason is (Reason.DISPUTE if finding == "dispute" else Reason.FRAUD_WARNING)


def test_what_is_told_meanwhile_goes_first(paper: Paper) -> None:
    paper.look("subscription", paper.sold(account_id=paper.reader.id))
    deep.mark_all(paper.database, paper.it.stripe)
    paper.hint("charge", "ch_told_meanwhile")
    with paper.database.transaction() as session:
        first = queue.lease(session, [sync.REFRESH])
    assert first is not None
    assert first.payload["id"] == "ch_told_meanwhile"


def test_a_poll_that_finds_its_place_forgotten_has_all_asked_for(paper: Paper) -> None:
    refunded_long_ago(paper)
    poll.poll(paper.database, paper.it.stripe)
    with paper.database.transaction() as session:
        forgotten = {"value": "evt_forgotten", "updated_at": clock.now()}
        session.execute(update(StripeCursor).where(StripeCursor.name == poll.CURSOR).values(forgotten))
    poll.poll(paper.database, paper.it.stripe)
    paper.work()
    assert paper.entitlement().reason is Reason.REFUNDED
