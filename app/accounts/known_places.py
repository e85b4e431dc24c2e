"""Networks from which an account was entered: there its owner does not wait for who guesses from anywhere else.

Otherwise a stranger could keep a reader from signing in with one wrong password every quarter of an hour.
"""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails
from app.db import insert
from app.digests import digest
from app.models import KnownPlace
from config.settings import Settings

KNOWN_FOR = timedelta(days=90)


def digest_of(settings: Settings, email: str, network: str) -> str:
    """What is kept of a place: `email` is the account's, `network` as addresses.whose names it."""
    return digest(settings, "place", f"{network} {emails.folded(email)}")


def is_known(session: Session, place: str) -> bool:
    """Whether the account was entered from there."""
    return session.scalar(select(KnownPlace.place).where(KnownPlace.place == place)) is not None


def remember(session: Session, account_id: int, place: str) -> None:
    """Somebody has entered the account from there."""
    now = clock.now()
    row = insert(session, KnownPlace).values(place=place, account_id=account_id, used_at=now)
    session.execute(row.on_conflict_do_update(index_elements=[KnownPlace.place], set_={"used_at": now}))


def forget(session: Session, account_id: int) -> None:
    """Take every place of the account for a strange one: it may have been somebody else who was there."""
    session.execute(delete(KnownPlace).where(KnownPlace.account_id == account_id))
