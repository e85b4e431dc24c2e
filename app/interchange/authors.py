"""The authors of an imported history: accounts that nobody can log in to, known by the name the old system had."""

import secrets
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.lookalikes import is_reserved, skeleton
from app.db import insert
from app.ids import new_id
from app.models import Account, Login, Site
from app.text.characters import is_visible

# an old system may have allowed more than we do for a new name: what somebody was known by is not cut
LONGEST_NAME_CHARACTERS = 200
NAMELESS = "Reader"


def provider(source: str) -> str:
    """What logins call the old system. No log-in form accepts it, so it is only a memory of who was who."""
    return f"import:{source}"


def ensure(session: Session, source: str, authors: Collection[str]) -> dict[str, int]:
    """The account ids of `authors`, with an account made for each who has none yet.

    A name that belongs to somebody else, or would pass for the paper's own, gets a number behind it.
    """
    known = select(Login.subject, Login.account_id).where(
        Login.provider == provider(source), Login.subject.in_(sorted(authors))
    )
    found = {row.subject: row.account_id for row in session.execute(known)}
    missing = sorted(set(authors) - set(found))
    papers = tuple(session.scalars(select(Site.name))) if missing else ()
    return found | {author: _make(session, source, author, papers) for author in missing}


def _make(session: Session, source: str, author: str, papers: tuple[str, ...]) -> int:
    account_id, now = new_id(), clock.now()
    wanted = "".join(c for c in author if c.isprintable()).strip()
    suitable = is_visible(wanted) and skeleton(wanted) and not is_reserved(wanted, papers)
    name = base = wanted if suitable else NAMELESS
    while not _insert(session, account_id, name):  # somebody looks like that already
        name = f"{base} {secrets.randbelow(10_000):04}"
    session.add(Login(id=new_id(), account_id=account_id, provider=provider(source), subject=author, created_at=now))
    return account_id


def _insert(session: Session, account_id: int, name: str) -> bool:
    values = {
        "id": account_id,
        "name": name,
        "name_skeleton": skeleton(name),
        "session_epoch": 0,
        "language": "en",
        "state": "active",
        "origin": "import",
        "created_at": clock.now(),
    }
    statement = insert(session, Account).values(**values).on_conflict_do_nothing().returning(Account.id)
    return session.execute(statement).first() is not None
