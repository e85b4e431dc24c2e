"""The background work of terminations: carry them out, take up what was left, and see that refunds arrive."""

from collections.abc import Mapping
from datetime import timedelta

from app.db import Database
from app.installation import Installation
from app.jobs.runner import Handler, Recurring
from app.terminations import approval, execution

RESUME = "terminations.resume"
CHECK_REFUNDS = "billing.check_refunds"
RECURRING = (Recurring(RESUME, every=timedelta(minutes=5)), Recurring(CHECK_REFUNDS, every=timedelta(days=1)))


def handlers(it: Installation) -> Mapping[str, Handler]:
    """What the worker runs for terminations, by the kind of job."""
    return {
        approval.TERMINATE: lambda job: execution.carry_out(it, int(job["termination_id"])),
        RESUME: lambda _job: resume(it.database),
        CHECK_REFUNDS: lambda _job: execution.check_refunds(it),
    }


def resume(database: Database) -> None:
    """Put back into the queue what was approved and has fallen out of it."""
    with database.transaction() as session:
        approval.resume(session)
