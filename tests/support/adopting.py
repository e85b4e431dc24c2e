"""`btl billing adopt` as a process that can be killed, and what there is in the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from app.models import Customer, StripeCursor, Subscription
from tests.support.paper import Paper
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of


def known(paper: Paper) -> set[tuple[str, str]]:
    """Each subscription that was taken in, as the ids of its customer and its own."""
    with paper.database.reading() as session:
        rows = session.execute(select(Customer.id, Subscription.id).where(Subscription.customer_id == Customer.id))
        return {(customer, subscription) for customer, subscription in rows}


def walked(paper: Paper) -> int:
    """How many objects of both lists the present adoption has taken in."""
    with paper.database.reading() as session:
        return int(session.scalar(select(func.sum(StripeCursor.counted))) or 0)


def kill_after(paper: Paper, seconds: float) -> bool:
    """Run `btl billing adopt` and kill it after so long; False if it was done by then."""
    end = time.monotonic() + seconds
    return _kill_once(paper, lambda: time.monotonic() > end)


def kill_at(paper: Paper, place: float) -> bool:
    """The same, killed once it has walked so far."""
    return _kill_once(paper, lambda: walked(paper) >= place)


def _kill_once(paper: Paper, reached: Callable[[], bool]) -> bool:
    process = subprocess.Popen([sys.executable, "-m", "app.cli.main", "billing", "adopt"], **at(paper))
    while process.poll() is None and not reached():
        time.sleep(0.005)
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    ended = process.wait()
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def at(paper: Paper) -> dict[str, Any]:
    environment = environment_of(paper.settings) | {"STRIPE_API_BASE": paper.settings.stripe_api_base}
    return {
        "env": os.environ | environment,
        "cwd": REPOSITORY,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
