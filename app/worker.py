"""The process that runs jobs: every kind and its handler in one table, in tracks that do not wait for each other."""

import os
import signal
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial

import app.kinds  # noqa: F401 (hands them over)
from app import retention
from app.accounts import one_time_tokens
from app.billing import jobs as billing
from app.billing import link_by_letter, throttle
from app.common_ground import jobs as common_ground
from app.installation import Installation
from app.jobs.runner import Handler, Recurring, Runner
from app.mail import letters
from app.notifications import jobs as notifications
from app.notifications import news_letters
from app.reconcile import jobs as reconcile
from app.screening import second_opinion
from app.sign_in import jobs as sign_in
from app.terminations import jobs as terminations
from app.webhooks import sending

NICENESS = 10


def tracks(it: Installation) -> tuple[dict[str, Handler], ...]:
    """What to do for each kind of job. A handler gets the job's payload and must bear being run twice.

    Whoever in one track waits for somebody who is silent holds up the jobs of that track, and of no other. So the first
    depends on the database alone, and each other on a helper of its own: the mail server, Stripe, the second scorer,
    the processor (which some work takes for seconds), and, for letters to addresses that only Stripe knows, the first
    two of these.
    """
    return (
        {
            **sign_in.handlers(it),
            **notifications.handlers(it),
            retention.FORGET: partial(retention.forget, it.database, it.house),
        },
        letters.handlers(it, one_time_tokens.issue, partial(news_letters.words, it)),
        {**billing.handlers(it), **terminations.handlers(it), **reconcile.handlers(it)},
        second_opinion.handlers(it),
        common_ground.handlers(it),
        dict(link_by_letter.handlers(it)),
    )


RECURRING: tuple[Recurring, ...] = (
    *billing.RECURRING,
    *terminations.RECURRING,
    *reconcile.RECURRING,
    *notifications.RECURRING,
    *common_ground.RECURRING,
    Recurring(retention.FORGET, retention.FORGET_EVERY),
)


def handlers(it: Installation) -> dict[str, Handler]:
    """Of all tracks."""
    return {kind: handler for track in tracks(it) for kind, handler in track.items()}


def runner(it: Installation) -> Runner:
    """A runner that knows every job and calls Stripe as `it` does."""
    return Runner(it.database, handlers(it), RECURRING)


def work(it: Installation) -> None:
    """Work the queue until SIGTERM or SIGINT; the jobs in hand are finished first."""
    # nobody waits for a job as a reader or Stripe waits for an answer of the web beside it
    os.nice(NICENESS)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(throttle.throttled(it), stop)


def run(it: Installation, stop: threading.Event) -> None:
    """Work all tracks and send to webhooks until `stop` is set, each in a thread of its own."""
    senders = [sending.Sender(it) for _ in range(sending.AT_ONCE)]
    runners = [_track(it, track) for track in tracks(it)]
    working = [each.run_until for each in runners] + [each.run_until for each in senders]
    with ThreadPoolExecutor(len(working)) as pool:
        running = [pool.submit(work_until, stop) for work_until in working]
        wait(running, return_when=FIRST_EXCEPTION)
        stop.set()  # a worker with a broken track is no worker
    for ended in running:
        ended.result()


def _track(it: Installation, track: dict[str, Handler]) -> Runner:
    return Runner(it.database, track, tuple(each for each in RECURRING if each.kind in track))
