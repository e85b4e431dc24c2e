"""The order in which Stripe is asked: renewals of those who may write anyway come last, however many there are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import clock
from app.billing import inbox, sync
from app.billing import jobs as billing
from app.db import Database
from app.gateway import events
from app.ids import new_id
from app.jobs import queue
from app.jobs.runner import Runner
from app.reconcile import runs
from app.reconcile.drift import Difference, Drift
from app.reconcile.walks import Compared
from app.terminations import approval
from tests.support import factories

RENEWALS = 12
DAY = timedelta(days=1)
RENEWING = ("customer.subscription.updated", "invoice.finalized", "invoice.paid", "charge.succeeded")
Deliver = Callable[[str, dict[str, Any]], None]


def whole(name: str, thing: dict[str, Any]) -> dict[str, Any]:
    return {"object": "event", "type": name, "data": {"object": thing}, "created": int(clock.now().timestamp())}


def thin(name: str, thing: dict[str, Any]) -> dict[str, Any]:
    related = {"id": thing["id"], "type": thing["object"]}
    return {
        "object": "v2.core.event",
        "type": f"v1.{name}",
        "related_object": related,
        "created": "2026-11-29T10:00:00Z",
    }


@pytest.fixture(params=[whole, thin])
def deliver(request: pytest.FixtureRequest, database: Database) -> Deliver:
    def receive(name: str, thing: dict[str, Any]) -> None:
        event = events.read({"id": f"evt_{new_id()}", "livemode": False, **request.param(name, thing)})
        with database.transaction() as session:
            inbox.receive(session, event, b"", live=False)

    return receive


def subscription(identifier: str) -> dict[str, Any]:
    return {"object": "subscription", "id": identifier}


def invoice(of: str) -> dict[str, Any]:
    return {"object": "invoice", "id": f"in_{of}", "parent": {"subscription_details": {"subscription": of}}}


def charge(of: str) -> dict[str, Any]:
    return {"object": "charge", "id": f"ch_{of}"}


def known(database: Database, *, ends: datetime, **facts: Any) -> str:
    with database.transaction() as session:
        made = factories.subscribe(session, factories.account(session), ends=ends)
        for name, value in facts.items():
            setattr(made, name, value)
        return made.id


def renew(database: Database, deliver: Deliver, number: int) -> list[str]:
    """So many renewals of the last hour are told of, of which we know nothing yet."""
    renewed = [known(database, ends=clock.now() - timedelta(minutes=5)) for _each in range(number)]
    for each in renewed:
        for name, thing in zip(RENEWING, (subscription(each), invoice(each), invoice(each), charge(each)), strict=True):
            deliver(name, thing)
    return renewed


def order(database: Database) -> list[str]:
    """What is asked for, first first: ids of Stripe's objects, and other work by its kind."""
    asked: list[str] = []
    refresh: dict[str, Callable[[dict[str, Any]], None]] = {sync.REFRESH: lambda job: asked.append(job["id"])}
    others = (approval.TERMINATE, billing.REPAIR)
    runner = Runner(database, refresh | {kind: lambda _job, kind=kind: asked.append(kind) for kind in others})
    runner.run_all()
    return asked


def test_what_may_take_the_right_to_write_away_or_give_it_goes_before_renewals(
    database: Database, deliver: Deliver
) -> None:
    later, ago = clock.now() + 20 * DAY, clock.now() - timedelta(minutes=5)
    renewed = renew(database, deliver, RENEWALS)
    told = {
        "cancelled in the Portal": known(database, ends=later),
        "ended": known(database, ends=later),
        "not paid": known(database, ends=ago),
        "paid at last": known(database, ends=later, status="past_due"),
        "runs out by its own": known(database, ends=ago, cancel_at=ago),
        "lapsed, renewed": known(database, ends=clock.now() - 9 * DAY),
    }
    for what, identifier in told.items():
        ended = what in ("ended", "runs out by its own")
        deliver(f"customer.subscription.{'deleted' if ended else 'updated'}", subscription(identifier))
    deliver("invoice.payment_failed", invoice(told["not paid"]))
    deliver("customer.subscription.created", subscription("sub_new"))
    deliver("charge.refunded", charge("refunded"))
    deliver("charge.dispute.created", {"object": "dispute", "id": "dp_1", "charge": "ch_disputed"})
    deliver("customer.deleted", {"object": "customer", "id": "cus_gone"})
    with database.transaction() as session:
        queue.enqueue(session, approval.TERMINATE, {})
        queue.enqueue(session, billing.REPAIR)
    done = order(database)
    of_renewals = {name.format(each) for each in renewed for name in ("{}", "in_{}", "ch_{}")}
    begin = next(place for place, each in enumerate(done) if each in of_renewals)
    first, last = done[:begin], done[begin:]
    assert len(last) >= 2 * RENEWALS
    # what a thin event of an invoice leads to is only known when the invoice has been asked for, which goes first
    not_paid = told.pop("not paid")
    assert set(last) <= of_renewals | {not_paid}
    assert {not_paid, f"in_{not_paid}"} & set(first)
    assert set(told.values()) <= set(first)
    assert {"sub_new", "ch_refunded", "cus_gone", approval.TERMINATE, billing.REPAIR} <= set(first)
    assert {"ch_disputed", "dp_1"} & set(first)


def test_a_renewal_of_which_something_else_is_told_moves_to_the_front(database: Database, deliver: Deliver) -> None:
    *_others, last = renew(database, deliver, RENEWALS)
    deliver("customer.subscription.paused", subscription(last))
    assert order(database)[0] == last


def test_who_has_waited_longest_is_first_on_each_side(database: Database, deliver: Deliver) -> None:
    renewed = renew(database, deliver, 3)
    ended = [known(database, ends=clock.now() + DAY) for _each in range(3)]
    for each in ended:
        deliver("customer.subscription.deleted", subscription(each))
    assert [each for each in order(database) if each.startswith("sub_")] == [*ended, *renewed]


def test_a_renewal_that_failed_once_stays_behind_and_what_its_worker_left_comes_first(database: Database) -> None:
    with database.transaction() as session:
        queue.enqueue(session, "a", {"n": 1}, patient=True)
    with database.transaction() as session:
        left = queue.lease(session, ["a"])
    assert left is not None
    with database.transaction() as session:
        queue.fail(session, left, RuntimeError())
        queue.hasten(session, "a")
        queue.enqueue(session, "a", {"n": 2})
    with database.transaction() as session:
        second, first = queue.lease(session, ["a"]), queue.lease(session, ["a"])
    assert second is not None
    assert first is not None
    assert [second.payload, first.payload] == [{"n": 2}, {"n": 1}]


def test_a_comparison_asks_for_what_renewed_last(database: Database) -> None:
    renewed, ended = (known(database, ends=clock.now() - DAY) for _each in range(2))
    longer = Difference("period_end", clock.now() - DAY, clock.now() + 29 * DAY)
    other = Difference("latest_invoice", "in_1", "in_2")
    drifts = [
        Drift(events.SUBSCRIPTION, renewed, (longer, other)),
        Drift(events.SUBSCRIPTION, ended, (longer, Difference("status", "active", "past_due"))),
        Drift(events.CHARGE, "ch_1", (Difference("amount_refunded", 0, 100),)),
    ]
    with database.transaction() as session:
        runs.carry_out(session, Compared(drifts), clock.now())
    done = order(database)
    assert (done[-1], set(done[:-1])) == (renewed, {ended, "ch_1"})
