"""Sends Stripe's events at a steady rate to a real web process while a real worker follows them, and checks what came
out: 200 events a second for a minute about 1,000 subscriptions, on PostgreSQL. Run: python -m benchmarks.webhooks

The sender keeps its pace whatever the answers take (an open loop), and an answer's time counts from the moment at which
its event was due. Every event tells of a change; the state in the end must be Stripe's for every subscription.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import func, select

from app import clock
from app.db import Database
from app.gateway import signature
from app.ids import new_id
from app.models import Customer, StripeEvent, StripeSync, Subscription
from app.simulator import shapes
from benchmarks.client import Load, Request, steady
from benchmarks.complaints import true_of
from benchmarks.serving import Server, databases, fresh, serving
from benchmarks.stripe_stub import Stub
from benchmarks.usage import cpu_seconds
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT
from tests.support import factories
from tests.support.loopback import serving as loopback
from tests.support.repository import REPOSITORY

SUBSCRIPTIONS, RATE, SECONDS = 1000, 200, 60
LONGEST_P99, MOST_FETCHES, LONGEST_DRAIN = 0.050, 20, 90
TYPES = ("customer.subscription.updated",) * 6 + ("customer.subscription.created", "customer.subscription.resumed")


@dataclass(frozen=True)
class Sent:
    """What the load came to; `late` are seconds by which the sender itself fell behind at worst."""

    load: Load
    web: float
    worker: float
    drained: float
    late: float


def main(rate: int = RATE, seconds: int = SECONDS) -> tuple[list[str], list[str]]:
    """Send, wait, print, and return what is wrong and what is too slow (which asks for a quiet machine)."""
    with tempfile.TemporaryDirectory(prefix="btl-webhooks-") as name:
        folder = Path(name)
        database = fresh(databases(folder, "webhooks")["PostgreSQL"])
        stub = Stub(SUBSCRIPTIONS)
        _adopt(database, stub)
        with loopback(stub) as stripe, serving(database, folder, stripe=stripe.url) as server:
            sent = _measure(server, stub, rate * seconds, rate)
        complaints = _report(database, stub, sent, rate * seconds)
        database.close()
    return complaints


def _adopt(database: Database, stub: Stub) -> None:
    """Every customer has an account and a subscription that we know, as on any other day."""
    with database.transaction() as session:
        for identifier in stub.of_kind("subscription"):
            there, account = stub.objects[identifier], factories.account(session)
            session.add(Customer(id=there["customer"], account_id=account.id, created_at=clock.now()))
            session.add(
                Subscription(
                    id=identifier,
                    customer_id=there["customer"],
                    account_id=account.id,
                    status=there["status"],
                    products=[SIMULATED_PRICE, SIMULATED_PRODUCT],
                    period_end=_moment(there["items"]["data"][0]["current_period_end"]),
                    paid_invoice=there["latest_invoice"]["id"],
                    fetched_at=clock.now(),
                )
            )


def _measure(server: Server, stub: Stub, number: int, rate: int) -> Sent:
    worker = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "worker"],
        env=os.environ | server.environment,
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(2)
        before = cpu_seconds(server.process.pid), cpu_seconds(worker.pid)
        load, late = _send(server, stub, number, rate)
        web = cpu_seconds(server.process.pid) - before[0]
        drained = _drain(server.database)
        return Sent(load, web, cpu_seconds(worker.pid) - before[1], drained, late)
    finally:
        worker.terminate()
        worker.wait(timeout=20)


def _send(server: Server, stub: Stub, number: int, rate: int) -> tuple[Load, float]:
    draw, subscriptions = random.Random(20261122), stub.of_kind("subscription")
    return steady(
        server.port,
        rate,
        number,
        lambda: _event(server, stub.postpone(draw.choice(subscriptions)), draw.choice(TYPES)),
    )


def _event(server: Server, thing: dict[str, object], kind: str) -> bytes:
    event = shapes.event(kind, thing) | {"id": f"evt_{new_id()}"}
    body, moment = json.dumps(event).encode(), str(int(time.time()))
    signed = signature.sign(body, moment, server.settings.stripe_webhook_secrets[0])
    request = Request("POST", "/stripe/webhook", {"Stripe-Signature": f"t={moment},v1={signed}"}, event)
    return request.raw()


def _drain(database: Database) -> float:
    """Seconds until nothing waits to be fetched any more."""
    began = time.perf_counter()
    while time.perf_counter() - began < 2 * LONGEST_DRAIN:
        with database.reading() as session:
            behind = select(func.count()).where(StripeSync.applied_seq < StripeSync.requested_seq)
            if not session.scalar(behind):
                break
        time.sleep(0.2)
    return time.perf_counter() - began


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _report(database: Database, stub: Stub, sent: Sent, number: int) -> tuple[list[str], list[str]]:
    answers, p99 = sent.load.answers, sent.load.percentile(0.99)
    busiest, fetches = max(stub.requests.values()), stub.requests.total()
    with database.reading() as session:
        stored = session.scalar(select(func.count()).select_from(StripeEvent))
        ours = dict(session.execute(select(Subscription.id, Subscription.cancel_at)).all())
    truth = {identifier: stub.objects[identifier]["cancel_at"] for identifier in stub.of_kind("subscription")}
    wrong = sum(ours.get(identifier) != _moment(seconds) for identifier, seconds in truth.items() if seconds)
    print(
        f"{number} events at {sent.load.rate:.0f}/s: answers p50 {sent.load.percentile(0.5) * 1000:.1f} ms, "
        f"p99 {p99 * 1000:.1f} ms (the sender at most {sent.late * 1000:.0f} ms late)\n"
        f"CPU an event: web {sent.web / number * 1000:.2f} ms, worker {sent.worker / number * 1000:.2f} ms\n"
        f"{fetches} fetches, {fetches / number:.2f} an event, at most {busiest} in a second; "
        f"by kind {dict(stub.kinds)}\n"
        f"drained {sent.drained:.1f} s after the last event; {wrong} of {len(ours)} subscriptions wrong"
    )
    other = sum(answer.status != 200 for answer in answers)
    faults = {
        f"{other} answers other than 200": other > 0,
        f"{stored} events stored of {number}": stored != number,
        f"{busiest} fetches in one second": busiest > MOST_FETCHES,
        f"{wrong} subscriptions wrong": wrong > 0,
    }
    delays = {
        f"p99 over {LONGEST_P99 * 1000:.0f} ms": p99 > LONGEST_P99,
        f"drained only after {sent.drained:.0f} s": sent.drained > LONGEST_DRAIN,
    }
    return true_of(faults), true_of(delays)


if __name__ == "__main__":
    sys.exit("\n".join(chain(*main())) or 0)
