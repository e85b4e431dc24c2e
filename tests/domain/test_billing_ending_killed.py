"""A termination that is killed between any two of its steps, and run again: one end, one refund, one letter."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from app.limiter import Limiter
from app.models import Job, LedgerEntry
from app.models.termination import AT_PERIOD_END, DONE, NOW_WITH_REFUND
from app.web import limits
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.ending import Ending, prepared
from tests.support.paper import Paper
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of
from tests.support.steps import MANY, ran, survives
from tests.support.stripe_gate import Call, Gate, gate_before
from tests.support.together import at_once

METHODS = [NOW_WITH_REFUND, AT_PERIOD_END]


def another(paper: Paper) -> Ending:
    """The next banned reader, of another day: one address is let to Stripe's pages a few times a minute."""
    paper.app.extensions[limits.EXTENSION] = Limiter(paper.settings.limits_url)
    with paper.database.transaction() as session:
        paper.reader = factories.account(session)
    return prepared(paper)


def assert_once(it: Ending) -> None:
    """It is done, and was done once."""
    row, refunded = it.row(), it.row().method == NOW_WITH_REFUND
    assert row.state == DONE
    assert it.cancellations() == refunded
    assert [refund["amount"] for refund in it.refunds()] == [it.price()] * refunded
    assert row.amount == (it.price() if refunded else None)
    assert it.letters() == ["subscription_refunded" if refunded else "subscription_ends"]
    with it.paper.database.reading() as session:
        assert len(moderating.rows(session, LedgerEntry, action="termination.done", subject_id=row.id)) == 1


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS)
def test_killed_before_any_one_step_it_is_done_once(paper: Paper, method: str) -> None:
    for fatal in range(1, MANY):
        it = another(paper)
        case = it.approved(method)
        whole = survives(paper, case, fatal)
        assert whole or survives(paper, case, MANY)
        assert_once(it)
        if whole:
            assert fatal > (15 if method == NOW_WITH_REFUND else 6)
            return
    raise AssertionError("it never ends")


@pytest.mark.parametrize("method", METHODS)
def test_killed_again_and_again_each_time_a_step_later_it_is_done_once(paper: Paper, method: str) -> None:
    it = another(paper)
    case = it.approved(method)
    assert any(survives(paper, case, fatal) for fatal in range(1, MANY))
    assert_once(it)


def test_two_workers_at_the_same_time_do_it_once(paper: Paper) -> None:
    it = another(paper)
    case = it.approved()
    assert all(at_once(lambda _: ran(paper, case), 4))
    assert_once(it)


@pytest.mark.parametrize(
    ("path", "moment"),
    [
        ("refunds", "after"),
        pytest.param("refunds", "before", marks=pytest.mark.long),
        pytest.param("subscriptions", "before", marks=pytest.mark.long),
        pytest.param("subscriptions", "after", marks=pytest.mark.long),
    ],
)
def test_a_worker_that_is_killed_as_stripe_hears_it_has_done_it_once(
    paper: Paper, tmp_path: Path, path: str, moment: str
) -> None:
    """A real process and SIGKILL, before and after Stripe acts on the call that changes something."""
    it = another(paper)
    it.approved()
    with gate_before(paper.settings.stripe_api_base) as gate:
        settings = replace(paper.settings, stripe_api_base=gate.url)
        kill_a_worker(settings, gate, path, moment)
        with paper.database.transaction() as session:  # what it had in hand is free once its lease is over
            session.execute(update(Job).values(state="ready", lease_until=None))
    assert it.row().done_at is None
    it.paper.work()
    assert_once(it)


def kill_a_worker(settings: Settings, gate: Gate, path: str, moment: str) -> None:
    """Start one, and let it die of its first change to a `path` of Stripe's."""

    def kill(call: Call) -> None:
        if call.method != "GET" and call.path.startswith(f"/v1/{path}"):
            worker.kill()
            worker.wait(timeout=20)

    setattr(gate, moment, kill)
    more = {"BTL_MAIL": "file", "STRIPE_API_BASE": settings.stripe_api_base}
    environment = os.environ | environment_of(settings) | more
    worker = subprocess.Popen([sys.executable, "-m", "app.cli.main", "worker"], env=environment, cwd=REPOSITORY)
    try:
        assert worker.wait(timeout=60) == -signal.SIGKILL
    finally:
        worker.kill()
