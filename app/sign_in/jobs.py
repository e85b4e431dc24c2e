"""The jobs of accounts."""

from functools import partial

from app.accounts import names
from app.installation import Installation
from app.jobs.runner import Handler


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {names.REFRESH: partial(names.refresh_stories, it.database)}
