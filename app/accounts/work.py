"""The jobs of accounts and their letters."""

from functools import partial

from app.accounts import names, one_time, retention
from app.db import Database
from app.jobs.runner import Handler, Recurring
from app.mail import letters
from config.policy import Policy
from config.settings import Settings

RECURRING = (Recurring(retention.FORGET, retention.EVERY),)


def handlers(settings: Settings, policy: Policy, database: Database) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {
        names.REFRESH: partial(names.refresh_stories, database),
        retention.FORGET: partial(retention.forget, database, policy),
        **letters.handlers(settings, policy, database, one_time.issue),
    }
