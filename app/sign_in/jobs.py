"""The jobs of accounts and their letters."""

from functools import partial

from app.accounts import names, one_time_tokens
from app.installation import Installation
from app.jobs.runner import Handler
from app.mail import letters
from app.sign_in import resets, sign_up


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {
        names.REFRESH: partial(names.refresh_stories, it.database),
        sign_up.TELL: partial(sign_up.write_letter, it.database),
        resets.ASK: partial(resets.write_letter, it.database),
        **letters.handlers(it, one_time_tokens.issue),
    }
