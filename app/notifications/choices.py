"""How often a reader wants letters about what: at once, once a day, never."""

from datetime import datetime, time, timedelta, tzinfo

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import insert
from app.errors import Malformed
from app.models import LetterChoice
from app.models.letter_choice import AT_ONCE, CHOICES, DAILY, FOLLOW, FREQUENCIES, NEVER
from app.models.notification import MENTION, PICK, PUBLISHED, REPLY, REPORT

USUAL = {REPLY: AT_ONCE, MENTION: AT_ONCE, PUBLISHED: AT_ONCE, PICK: AT_ONCE, REPORT: DAILY, FOLLOW: DAILY}
# when the letter of a day is written, by the clocks of the paper
DIGEST_AT = time(7)


def of(session: Session, account_id: int) -> dict[str, str]:
    """{kind: frequency} of every kind that one may choose."""
    chosen = select(LetterChoice.kind, LetterChoice.frequency).where(LetterChoice.account_id == account_id)
    return USUAL | {row.kind: row.frequency for row in session.execute(chosen)}


def wanted(session: Session, account_id: int) -> list[str]:
    """The kinds that an account wants letters about at this moment."""
    return [kind for kind, frequency in of(session, account_id).items() if frequency != NEVER]


def choose(session: Session, account_id: int, chosen: dict[str, str]) -> None:
    """Have letters about each kind of `chosen` as often as it says. Raises Malformed for what nobody can choose."""
    for kind, frequency in chosen.items():
        if kind not in CHOICES or frequency not in FREQUENCIES:
            raise Malformed(field=kind)
    # always in the same order, so that two requests of one reader do not wait for each other
    for kind, frequency in sorted(chosen.items()):
        if frequency == USUAL[kind]:
            mine = LetterChoice.account_id == account_id
            session.execute(delete(LetterChoice).where(mine, LetterChoice.kind == kind))
        else:
            row = insert(session, LetterChoice).values(account_id=account_id, kind=kind, frequency=frequency)
            key = [LetterChoice.account_id, LetterChoice.kind]
            session.execute(row.on_conflict_do_update(index_elements=key, set_={"frequency": frequency}))


def frequency_of(account_id: ColumnElement[int] | InstrumentedAttribute[int], kind: str) -> ColumnElement[str]:
    """In SQL: how often an account (SQL for its id) wants letters about `kind`."""
    mine = LetterChoice.account_id == account_id, LetterChoice.kind == kind
    return func.coalesce(select(LetterChoice.frequency).where(*mine).scalar_subquery(), USUAL[kind])


def due_at(frequency: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When a letter about what happens `now` is to be written; None if never."""
    if frequency == NEVER:
        return None
    return now if frequency == AT_ONCE else next_digest(now, zone)


def next_digest(now: datetime, zone: tzinfo) -> datetime:
    """The next DIGEST_AT in `zone` after `now`, whatever its clocks are turned by on the way."""
    here = now.astimezone(zone)
    today = datetime.combine(here.date(), DIGEST_AT, zone)
    # compared as moments: as times of one zone they would be compared by what the clocks show
    if today.timestamp() > now.timestamp():
        return today
    return datetime.combine(here.date() + timedelta(days=1), DIGEST_AT, zone)
