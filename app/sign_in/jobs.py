"""The jobs of accounts and their letters."""

from functools import partial

from app.accounts import names, one_time_tokens
from app.db import Database
from app.jobs.runner import Handler
from app.mail import letters
from config.policy import HouseRules
from config.settings import Settings


def handlers(settings: Settings, house: HouseRules, database: Database) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {
        names.REFRESH: partial(names.refresh_stories, database),
        **letters.handlers(settings, house, database, one_time_tokens.issue),
    }
