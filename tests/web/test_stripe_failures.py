"""The matrix of what can go wrong between Stripe and us, a test for each row: the answer, and what follows from it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.event import listens_for

from app import clock
from app.billing import facts, links, sync
from app.billing.entitlement import Reason
from app.db import Database
from app.models import Job, StripeEvent, StripeSync, Subscription
from app.web.application import create_app
from app.web.integrations import stripe as webhook
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.paper import Paper
from tests.support.webhook import PATH, Send, count, event, header, untouched

NOTICE = {
    "object": "v2.core.event",
    "type": "v1.customer.subscription.updated",
    "created": "2026-11-22T12:00:00Z",
    "related_object": {"id": "sub_1", "type": "subscription", "url": "https://elsewhere.example/"},
    "snapshot_event": "evt_1",
}


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook of the simulator's arrives, so that each test sends its own."""
    paper.control("knobs", drop_percent=100)
    return paper


def tell(paper: Paper, subscription: str, number: int = 1, **values: Any) -> int:
    """Deliver an event about the subscription over a real socket; the status of the answer."""
    subject = {"object": {"id": subscription, "object": "subscription"}}
    body = json.dumps(event(id=f"evt_{number}", data=subject, **values)).encode()
    signed = {"Stripe-Signature": header(body, paper.settings.stripe_webhook_secrets[0])}
    return requests.post(paper.settings.public_url + PATH, data=body, headers=signed, timeout=10).status_code


def behind(paper: Paper) -> list[tuple[str, str]]:
    with paper.database.reading() as session:
        return sync.unfinished(session, 10)


def outcomes(name: str) -> float:
    return float(webhook.EVENTS.labels(outcome=name)._value.get())


def test_a_valid_new_event_is_committed_before_it_is_answered(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    assert tell(paper, subscription) == 200
    assert behind(paper) == [("subscription", subscription)]
    paper.work()
    assert paper.entitlement().allowed


def test_a_duplicate_is_answered_alike_and_has_no_effect(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    assert [tell(paper, subscription) for _ in range(3)] == [200] * 3
    with paper.database.reading() as session:
        assert session.get_one(StripeSync, ("subscription", subscription)).requested_seq == 1


@pytest.mark.parametrize("whole_first", [True, False])
def test_both_forms_of_one_change_are_answered_and_count_once(
    send: Send, database: Database, whole_first: bool
) -> None:
    both = [event(), event(id="evt_thin") | NOTICE]
    answers = [send(each).status_code for each in (both if whole_first else both[::-1])]
    assert answers == [200, 200]
    assert (count(database, StripeEvent), count(database, Job)) == (1, 1)


def test_events_in_any_order_end_in_the_state_that_is(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    paper.control(f"subscriptions/{subscription}/cancel")
    late = {"created": 1_700_000_000}
    assert [tell(paper, subscription, 2), tell(paper, subscription, 1, **late)] == [200, 200]
    paper.work()
    assert paper.entitlement().reason is Reason.ENDED


def test_what_is_never_heard_of_ends_with_its_lease(paper: Paper, house: HouseRules) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    tell(paper, subscription)
    paper.work()
    with paper.database.reading() as session:
        end = session.get_one(Subscription, subscription).period_end
        assert end is not None
        later = end + timedelta(days=house.at({}).entitlement.lease_days)
        answer = facts.entitlement(session, paper.reader.id, paper.site, later, house.at({}))
    assert (answer.allowed, answer.reason) == (False, Reason.LEASE_ENDED)


@pytest.mark.parametrize("signed", ["", "garbled", "t=1,v1=é", "t=1,v1=" + "0" * 64])
def test_who_cannot_sign_is_counted_and_told_nothing(send: Send, database: Database, signed: str) -> None:
    before = outcomes("malformed") + outcomes("forged")
    answer = send(signed=signed)
    assert (answer.status_code, answer.data) == (400, b"no\n")
    assert outcomes("malformed") + outcomes("forged") == before + 1
    assert untouched(database)


@pytest.mark.parametrize("age", [301, 4000, -70])
def test_a_replay_of_long_ago_and_one_from_the_future_are_counted(send: Send, database: Database, age: int) -> None:
    before = outcomes("stale")
    assert send(age=age).status_code == 400
    assert outcomes("stale") == before + 1
    assert untouched(database)


def test_a_replay_within_five_minutes_is_a_duplicate(send: Send, database: Database) -> None:
    assert [send().status_code, send(age=290).status_code] == [200, 200]
    assert count(database, StripeEvent) == 1


def test_without_a_secret_nothing_is_believed(settings: Settings, house: HouseRules, database: Database) -> None:
    bare = replace(settings, stripe_webhook_secrets=())
    client = create_app(assembled(bare, house, database)).test_client()
    body = json.dumps(event()).encode()
    for secret in ("", " ", "None"):
        assert client.post(PATH, data=body, headers={"Stripe-Signature": header(body, secret)}).status_code == 503
    assert untouched(database)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"livemode": True}, "ignored_mode"),
        ({"account": "acct_connected"}, "ignored_account"),
        ({"type": "brand.new"}, "ignored_type"),
    ],
)
def test_what_is_not_for_us_is_thanked_for_and_ignored(
    send: Send, database: Database, values: dict[str, Any], state: str
) -> None:
    assert send(event(**values)).status_code == 200
    with database.reading() as session:
        assert session.get_one(StripeEvent, "evt_1").state == state
    assert count(database, StripeSync) == count(database, Job) == 0


def test_an_unknown_customer_is_parked_and_counts_once_linked(paper: Paper) -> None:
    subscription = paper.sold()
    assert tell(paper, subscription) == 200
    paper.work()
    with paper.database.reading() as session:
        row = session.get_one(Subscription, subscription)
    assert row.account_id is None
    assert not paper.entitlement().allowed
    with paper.database.transaction() as session:
        links.link(session, paper.house, row.customer_id, paper.reader.id, links.Proof.OPERATOR)
    paper.work()
    assert paper.entitlement().allowed


@pytest.mark.parametrize("body", [b" ", b"{", b"[]", b"null", b"\xff", b'{"type": "x"}', b"[" * 99_999])
def test_signed_but_no_event_is_refused_and_counted(send: Send, database: Database, body: bytes) -> None:
    before = outcomes("not_an_event")
    assert send(body).status_code == 400
    assert outcomes("not_an_event") == before + 1
    assert untouched(database)


def test_too_much_is_refused_before_it_is_read(paper: Paper) -> None:
    """Nothing but the headers is ever sent."""
    answered = raw(
        paper, f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {webhook.LARGEST_BODY_BYTES + 1}\r\n\r\n"
    )
    assert answered.startswith(("HTTP/1.1 413", "HTTP/1.0 413"))


def test_a_body_of_unknown_length_is_refused(client: FlaskClient) -> None:
    environ = {"HTTP_TRANSFER_ENCODING": "chunked"}
    assert client.post(PATH, environ_overrides=environ | {"CONTENT_LENGTH": ""}).status_code == 411


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_any_other_method_is_refused(client: FlaskClient, method: str) -> None:
    assert client.open(PATH, method=method).status_code == 405


def test_while_the_database_is_locked_stripe_is_asked_to_come_again(
    settings: Settings, house: HouseRules, database: Database
) -> None:
    impatient = hurried(database)
    client = create_app(assembled(settings, house, impatient)).test_client()
    body = json.dumps(event()).encode()
    signed = {"Stripe-Signature": header(body, settings.stripe_webhook_secrets[0])}
    with locked(database):
        assert client.post(PATH, data=body, headers=signed).status_code == 503
    assert untouched(database)
    assert client.post(PATH, data=body, headers=signed).status_code == 200
    impatient.close()


def hurried(database: Database) -> Database:
    """The same database for somebody who waits a tenth of a second for a lock, and not on the lock of this process."""
    if not database.is_sqlite:
        return Database(f"{database.url}{'&' if '?' in database.url else '?'}options=-c%20lock_timeout%3D100")
    same = Database(database.url)
    same._writer = None

    @listens_for(same.engine, "connect")
    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout=100")

    return same


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another process writes, and does not come to an end."""
    other = Database(database.url)
    other._writer = None
    with other.transaction() as session:
        session.execute(text("SELECT 1" if database.is_sqlite else "LOCK TABLE stripe_events"))
        yield
    other.close()


def test_with_no_worker_the_work_waits_in_its_row(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    assert tell(paper, subscription) == 200
    with paper.database.transaction() as session:
        session.execute(text("DELETE FROM jobs"))
    with paper.database.transaction() as session:
        assert sync.resume_unfinished(session, 10) == 1
    paper.work()
    assert paper.entitlement().allowed


@pytest.mark.parametrize("fault", ["fail", "busy"])
def test_while_stripe_fails_the_object_stays_dirty_and_is_asked_for_again(paper: Paper, fault: str) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    tell(paper, subscription)
    paper.control("knobs", **{f"{fault}_next": 4})
    paper.work()
    assert behind(paper) == [("subscription", subscription)]
    with paper.database.reading() as session:
        (job,) = session.scalars(select(Job).where(Job.kind == sync.REFRESH)).all()
        assert (job.state, job.last_error) == ("ready", "StripeUnavailable")
        assert job.run_at > clock.now()


def test_an_object_that_is_gone_grants_nothing(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    tell(paper, subscription)
    paper.work()
    with paper.simulated.transaction():
        paper.simulated.rows("DELETE FROM objects WHERE id = ?", subscription)
    tell(paper, subscription, 2)
    paper.work()
    assert paper.entitlement().reason is Reason.NO_SUBSCRIPTION


def test_a_worker_that_dies_leaves_its_job_to_another(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    tell(paper, subscription)
    with paper.database.transaction() as session:
        lost = clock.now() - timedelta(seconds=1)
        session.execute(text("UPDATE jobs SET state = 'running', attempts = 1"))
        for job in session.scalars(select(Job)):
            job.lease_until = lost
    paper.work()
    assert paper.entitlement().allowed
    assert behind(paper) == []


def test_two_workers_on_one_object_write_once(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    tell(paper, subscription)
    tell(paper, subscription, 2)
    both = [threading.Thread(target=paper.work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert behind(paper) == []
    assert paper.entitlement().allowed


def test_a_clock_that_is_wrong_orders_nothing(paper: Paper) -> None:
    subscription = paper.sold(account_id=paper.reader.id)
    with clock.pretend(clock.now() + timedelta(seconds=50)):
        tell(paper, subscription)
        paper.work()
    paper.control(f"subscriptions/{subscription}/cancel")
    with clock.pretend(clock.now() - timedelta(seconds=50)):
        with paper.database.transaction() as session:
            sync.request(session, "subscription", subscription)
        paper.work()
    assert paper.entitlement().reason is Reason.ENDED


def raw(paper: Paper, request: str) -> str:
    """What is answered to these very bytes."""
    import socket

    host, port = paper.settings.public_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request.encode())
        return connection.recv(200).decode()
