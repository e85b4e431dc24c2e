"""The process that runs jobs: every kind of job and its handler, in one table."""

import os
import signal
import threading
from functools import partial

from app import retention
from app.billing import jobs as billing
from app.billing import link_by_letter, stripe_rate
from app.db import Database
from app.gateway.client import Stripe
from app.jobs.runner import Handler, Recurring, Runner
from app.reconcile import rounds
from app.screening import second_opinion
from app.sign_in import jobs as sign_in
from app.terminations import jobs as terminations
from config.policy import HouseRules
from config.settings import Settings

GIVES_WAY = 10


def handlers(settings: Settings, house: HouseRules, database: Database, stripe: Stripe) -> dict[str, Handler]:
    """What to do for each kind of job. A handler gets the job's payload and must bear being run twice."""
    return {
        **sign_in.handlers(settings, house, database),
        **link_by_letter.handlers(settings, house, database, stripe),
        **billing.handlers(settings, house, database, stripe),
        **terminations.handlers(house, database, stripe),
        **second_opinion.handlers(settings, house, database),
        **rounds.handlers(house, database, stripe),
        retention.FORGET: partial(retention.forget, database, house),
    }


RECURRING: tuple[Recurring, ...] = (
    *billing.RECURRING,
    *terminations.RECURRING,
    *rounds.RECURRING,
    Recurring(retention.FORGET, retention.EVERY),
)


def runner(settings: Settings, house: HouseRules, database: Database, stripe: Stripe | None = None) -> Runner:
    """A runner that knows every job. It calls Stripe at the pace of all our processes unless `stripe` is given."""
    stripe = stripe or stripe_rate.paced(settings, database)
    return Runner(database, handlers(settings, house, database, stripe), RECURRING)


def work(settings: Settings, house: HouseRules) -> None:
    """Work the queue until SIGTERM or SIGINT; the job in hand is finished first."""
    # nobody waits for a job as a reader or Stripe waits for an answer of the web beside it
    os.nice(GIVES_WAY)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    runner(settings, house, Database(settings.database_url)).run_until(stop)
