"""Passwords that are tried in vain: after a few, each next one has to wait, and longer each time.

Counted is whose password is tried, not who tries: whoever guesses has addresses of the internet without number. So
anybody can make the owner of an address wait. Therefore the wait has a bound, it is not waited for where the owner has
signed in before (known_places), and the letter with which to set a new password lets its owner in at once and ends it.
An address that is nobody's is counted like any other.

An attempt counts before its password is looked at, which is the costly part, and until that was right: of many at the
same moment no more are looked at than of many in a row.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails
from app.db import Database, insert
from app.digests import digest
from app.errors import TooMany
from app.language import mark
from app.models import Attempts
from config.settings import Settings

WITHOUT_WAIT = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=1)

SENTENCE = mark(
    "A wrong password was given for this address too often. Please try again in %(wait)s, or have a letter sent "
    "with which you set a new password: that lets you in at once."
)


def of_address(settings: Settings, email: str) -> str:
    """Whose a password is that is tried with an address, by somebody who is not signed in."""
    return digest(settings, "attempts of address", emails.folded(email))


def of_account(settings: Settings, account_id: int) -> str:
    """Whose a password is that is asked for once more, of somebody who has a session or a letter of the account.

    These are counted apart, so that no stranger can keep the owner from changing the password or leaving.
    """
    return digest(settings, "attempts of account", str(account_id))


def count(database: Database, whose: str) -> None:
    """Count an attempt, which is about to be made. Raises TooMany (429) as long as the next one has to wait."""
    now = clock.now()
    with database.transaction() as session:
        failed, next_at = _locked(session, whose, now)
        if failed >= WITHOUT_WAIT and next_at > now:
            wait = int((next_at - now).total_seconds()) + 1
            raise TooMany(sentence=SENTENCE, retry_after=wait, minutes=-(-wait // 60))
        failed = 1 if next_at < now - FORGOTTEN_AFTER else failed + 1
        mine = update(Attempts).where(Attempts.whose == whose)
        session.execute(mine.values(failed=failed, next_at=now + wait_after(failed)))


def forget(session: Session, *whose: str) -> None:
    """The password was right, or another one was set by letter: the next attempt is the first one again."""
    session.execute(delete(Attempts).where(Attempts.whose.in_(whose)))


def wait_after(failed: int) -> timedelta:
    """For how long nobody may try again after so many attempts in vain."""
    if failed < WITHOUT_WAIT:
        return timedelta()
    doublings = min(failed - WITHOUT_WAIT, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _locked(session: Session, whose: str, now: datetime) -> tuple[int, datetime]:
    """How many attempts failed, and when the next one may be made; until the transaction ends nobody else counts."""
    row = insert(session, Attempts).values(whose=whose, failed=0, next_at=now)
    # to change nothing is to lock the row, or to make it
    same = row.on_conflict_do_update(index_elements=[Attempts.whose], set_={"failed": Attempts.failed})
    failed, next_at = session.execute(same.returning(Attempts.failed, Attempts.next_at)).one()
    return failed, next_at
