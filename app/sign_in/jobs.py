"""The jobs of accounts."""

from functools import partial

from app.accounts import names
from app.installation import Installation
from app.jobs.runner import Handler
from app.sign_in import resets, sign_up


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {
        names.REFRESH: partial(names.refresh_stories, it.database),
        sign_up.TELL: partial(sign_up.write_letter, it.database),
        sign_up.AGAIN: partial(sign_up.write_again, it),
        resets.ASK: partial(resets.write_letter, it),
    }
