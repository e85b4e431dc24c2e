"""The authors of an imported history: accounts that nobody can log in to, known by the name the old system had."""

import secrets
from collections.abc import Callable, Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails
from app.accounts.lookalikes import is_reserved, skeleton
from app.db import insert, lock_names
from app.errors import Malformed
from app.ids import new_id
from app.models import Account, Login, Site
from app.models.account import IMPORT
from app.models.trait import MAILBOX
from app.payers import mailboxes
from app.text.characters import is_visible

# an old system may have allowed more than we do for a new name: what somebody was known by is not cut
LONGEST_NAME_CHARACTERS = 200
NAMELESS = "Reader"
PROVIDERS = "import:"


def provider(source: str) -> str:
    """What logins call the old system. No log-in form accepts it, so it is only a memory of who was who."""
    return f"{PROVIDERS}{source}"


class Writer(NamedTuple):
    """Somebody as the old system knew them; `email` is an address that it had confirmed, or empty."""

    name: str
    id: str = ""
    email: str = ""

    @property
    def subject(self) -> str:
        """What tells them from all others there. No name can pass for an id."""
        return f"\x1f{self.id}" if self.id else self.name.replace("\x1f", " ")


def ensure(session: Session, source: str, writers: Collection[Writer], token: Callable[[str], str]) -> dict[str, int]:
    """The account ids of `writers` by their subjects, with an account made for each who has none yet.

    A name that belongs to somebody else, or would pass for the paper's own, gets a number behind it. `token` makes of
    an address the digest by which its mailbox is known again: whoever has shown here that it is theirs is the writer.
    """
    wanted = {writer.subject: writer for writer in writers}
    known = select(Login.subject, Login.account_id).where(
        Login.provider == provider(source), Login.subject.in_(sorted(wanted))
    )
    # none of them becomes a reader's before what they wrote is written
    known = known.order_by(Login.id).with_for_update(read=True)
    found = {row.subject: row.account_id for row in session.execute(known)}
    missing = [wanted[subject] for subject in sorted(set(wanted) - set(found))]
    papers = tuple(session.scalars(select(Site.name))) if missing else ()
    tokens = {writer.subject: token(writer.email) for writer in missing if is_address(writer.email)}
    lock_names(session, tokens.values())
    for writer in missing:
        mailbox = tokens.get(writer.subject)
        account_id = (mailboxes.owner(session, mailbox) if mailbox else None) or _make(session, writer.name, papers)
        if mailbox:
            mailboxes.remember(session, account_id, MAILBOX, mailbox)
        login = Login(id=new_id(), account_id=account_id, provider=provider(source), subject=writer.subject)
        login.created_at = clock.now()
        session.add(login)
        found[writer.subject] = account_id
    return found


def is_address(text: str) -> bool:
    """Whether letters could be sent to `text`."""
    try:
        return bool(text) and bool(emails.check(text))
    except Malformed:
        return False


def _make(session: Session, name: str, papers: tuple[str, ...]) -> int:
    account_id = new_id()
    wanted = "".join(c for c in name if c.isprintable()).strip()
    suitable = is_visible(wanted) and skeleton(wanted) and not is_reserved(wanted, papers)
    name = base = wanted if suitable else NAMELESS
    while not _insert(session, account_id, name):  # somebody looks like that already
        name = f"{base} {secrets.randbelow(10_000):04}"
    return account_id


def _insert(session: Session, account_id: int, name: str) -> bool:
    values = {
        "id": account_id,
        "name": name,
        "name_skeleton": skeleton(name),
        "session_epoch": 0,
        "language": "en",
        "state": "active",
        "origin": IMPORT,
        "created_at": clock.now(),
    }
    statement = insert(session, Account).values(**values).on_conflict_do_nothing().returning(Account.id)
    return session.execute(statement).first() is not None
