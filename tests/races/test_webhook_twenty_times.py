"""The same webhook, twenty times at once, over twenty connections: one row, one effect."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import requests
from sqlalchemy import func, select

from app import clock
from app.billing import subscriptions
from app.gateway.client import connect
from app.gateway.signature import sign
from app.models import Job, StripeEvent, StripeSync, Subscription
from tests.support.assembled import assembled
from tests.support.paper import Paper
from tests.support.stripe_world import eventually

TIMES = 20


def at_once(paper: Paper, bodies: list[bytes]) -> list[int]:
    barrier = Barrier(len(bodies))

    def deliver(body: bytes) -> int:
        timestamp = str(int(clock.now().timestamp()))
        signature = f"t={timestamp},v1={sign(body, timestamp, paper.settings.stripe_webhook_secrets[0])}"
        barrier.wait()
        url = f"{paper.settings.public_url}/stripe/webhook"
        return requests.post(url, data=body, headers={"Stripe-Signature": signature}, timeout=60).status_code

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(deliver, bodies))


def event(number: int = 1, subscription: str = "sub_1") -> bytes:
    subject = {"id": subscription, "object": "subscription"}
    kind = "customer.subscription.updated"
    return json.dumps(
        {"id": f"evt_{number}", "type": kind, "livemode": False, "created": 1_795_000_000, "data": {"object": subject}}
    ).encode()


def test_one_event_twenty_times_is_one_row_and_one_mark(paper: Paper) -> None:
    assert at_once(paper, [event()] * TIMES) == [200] * TIMES
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == 1
        assert session.get_one(StripeSync, ("subscription", "sub_1")).requested_seq == 1
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_twenty_events_about_one_object_lose_no_mark(paper: Paper) -> None:
    assert at_once(paper, [event(number) for number in range(TIMES)]) == [200] * TIMES
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == TIMES
        assert session.get_one(StripeSync, ("subscription", "sub_1")).requested_seq == TIMES
        assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_eight_workers_on_one_object_write_it_once(paper: Paper) -> None:
    paper.pay(paper.go_to_checkout(paper.browser()))
    eventually(lambda: _marked(paper) is not None)
    identifier = _marked(paper)
    assert identifier is not None
    barrier = Barrier(8)

    def refresh(_worker: int) -> bool:
        barrier.wait()
        return subscriptions.refresh(
            assembled(paper.settings, paper.house, paper.database, stripe=connect(paper.settings)), identifier
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(refresh, range(8)))
    eventually(lambda: _applied_after_work(paper, identifier))  # webhooks of the payment may still be on their way
    with paper.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Subscription)) == 1
    assert paper.entitlement().allowed


def _applied_after_work(paper: Paper, identifier: str) -> bool:
    paper.work()
    with paper.database.reading() as session:
        sync = session.get_one(StripeSync, ("subscription", identifier))
        return sync.applied_seq == sync.requested_seq


def _marked(paper: Paper) -> str | None:
    with paper.database.reading() as session:
        mine = select(StripeSync.object_id).where(StripeSync.object_type == "subscription")
        return session.scalars(mine).first()
