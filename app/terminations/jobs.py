"""The background work of terminations: carry them out, take up what was left, and see that refunds arrive."""

from collections.abc import Mapping
from datetime import timedelta

from app.db import Database
from app.gateway.client import Stripe
from app.jobs.runner import Handler, Recurring
from app.terminations import approval, execution
from config.policy import HouseRules

RESUME = "terminations.resume"
CHECK_REFUNDS = "billing.check_refunds"
RECURRING = (Recurring(RESUME, every=timedelta(minutes=5)), Recurring(CHECK_REFUNDS, every=timedelta(days=1)))


def handlers(house: HouseRules, database: Database, stripe: Stripe) -> Mapping[str, Handler]:
    """What the worker runs for terminations, by the kind of job."""
    return {
        approval.TERMINATE: lambda job: execution.carry_out(database, stripe, house, int(job["termination_id"])),
        RESUME: lambda _job: resume(database),
        CHECK_REFUNDS: lambda _job: execution.check_refunds(database, stripe, house),
    }


def resume(database: Database) -> None:
    """Put back into the queue what was approved and has fallen out of it."""
    with database.transaction() as session:
        approval.resume(session)
