"""A reconcile of many pages that is killed goes on where it was, looks at nothing twice and keeps its pace."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from sqlalchemy import func, select, update

from app.billing import adopt
from app.models import StripeCursor, StripeSync, Subscription
from app.reconcile import gauges, runs
from app.simulator.crowd import seed_many
from tests.support.paper import Paper
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of
from tests.support.stripe_world import eventually


def start(paper: Paper) -> "subprocess.Popen[str]":
    settings = paper.settings
    environment = environment_of(settings) | {"STRIPE_API_BASE": settings.stripe_api_base}
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "billing", "reconcile"],
        env=os.environ | environment,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


def place(paper: Paper) -> str:
    with paper.database.reading() as session:
        cursor = session.get(StripeCursor, runs.CURSOR)
    return (cursor.value if cursor else None) or ""


def proved(paper: Paper, number: int, kills: int) -> None:
    """`number` subscriptions of which every fiftieth drifted; all are found once, whatever is killed on the way."""
    seed_many(paper.simulated, number)
    adopt.adopt(paper.it)
    with paper.database.transaction() as session:
        session.execute(update(StripeSync).values(applied_seq=StripeSync.requested_seq))
        wrong = session.scalars(select(Subscription.id).order_by(Subscription.id)).all()[::50]
        session.execute(update(Subscription).where(Subscription.id.in_(wrong)).values(status="past_due"))
    seen = set()
    for _ in range(kills):
        run = start(paper)
        before = place(paper)
        eventually(lambda: place(paper) not in ("", before) or run.poll() is not None, 60)  # noqa: B023 (here and now)
        seen.add(place(paper))
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert len(seen) == kills, "it did not go on between two kills"
    began = time.monotonic()
    last = start(paper)
    said, _ = last.communicate(timeout=600)
    with paper.database.reading() as session:
        drift = gauges.read(session)["drift"]
        marked = session.scalars(select(StripeSync.object_id).where(StripeSync.applied_seq < StripeSync.requested_seq))
        assert set(marked) == set(wrong)
        twice = select(func.count()).where(StripeSync.requested_seq > 2)
        assert session.scalar(twice) == 0, "something was marked twice"
    assert (last.returncode, drift) == (1, len(wrong))
    print(f"{number:,} subscriptions: {time.monotonic() - began:.1f} s after the last kill, {said.splitlines()[-1]}")
    assert re.search(r"\d+ differ\.", said)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_killed_reconcile_goes_on_where_it_was(paper: Paper) -> None:
    proved(paper, 800, kills=2)


@pytest.mark.long
def test_fifty_thousand_subscriptions_are_compared_in_minutes(paper: Paper) -> None:
    proved(paper, 50_000, kills=3)
