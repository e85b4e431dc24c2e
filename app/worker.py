"""The process that runs jobs: every kind of job and its handler, in one table."""

import os
import signal
import threading
from functools import partial

import app.kinds  # noqa: F401 (hands them over)
from app import retention
from app.billing import jobs as billing
from app.billing import link_by_letter, throttle
from app.installation import Installation
from app.jobs.runner import Handler, Recurring, Runner
from app.reconcile import jobs as reconcile
from app.screening import second_opinion
from app.sign_in import jobs as sign_in
from app.terminations import jobs as terminations

NICENESS = 10


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job. A handler gets the job's payload and must bear being run twice."""
    return {
        **sign_in.handlers(it),
        **link_by_letter.handlers(it),
        **billing.handlers(it),
        **terminations.handlers(it),
        **second_opinion.handlers(it),
        **reconcile.handlers(it),
        retention.FORGET: partial(retention.forget, it.database, it.house),
    }


RECURRING: tuple[Recurring, ...] = (
    *billing.RECURRING,
    *terminations.RECURRING,
    *reconcile.RECURRING,
    Recurring(retention.FORGET, retention.FORGET_EVERY),
)


def runner(it: Installation) -> Runner:
    """A runner that knows every job and calls Stripe as `it` does."""
    return Runner(it.database, handlers(it), RECURRING)


def work(it: Installation) -> None:
    """Work the queue until SIGTERM or SIGINT; the job in hand is finished first."""
    # nobody waits for a job as a reader or Stripe waits for an answer of the web beside it
    os.nice(NICENESS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner(throttle.throttled(it)).run_until(stop)
