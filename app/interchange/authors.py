"""The authors of an imported history: accounts that nobody can log in to, known by the name the old system had."""

import re
import secrets
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import emails
from app.accounts.lookalikes import is_reserved, skeleton
from app.db import insert, lock_names
from app.digests import digest
from app.errors import Malformed
from app.ids import new_id
from app.installation import Installation
from app.language import _, mark, use
from app.models import Account, Login, Site
from app.models.account import ERASED, IMPORT
from app.models.trait import MAILBOX
from app.payers import mailboxes
from app.text.characters import honest, is_visible

# an old system may have allowed more than we do for a new name: what somebody was known by is not cut
LONGEST_NAME_CHARACTERS = 200
NAMELESS = mark("Reader")
PROVIDERS = "import:"
_SHA1 = re.compile("sha1:([0-9a-f]{40})")


def provider(source: str) -> str:
    """What logins call the old system. No log-in form accepts it, so it is only a memory of who was who."""
    return f"{PROVIDERS}{source}"


class Writer(NamedTuple):
    """Somebody as the old system knew them; `email` is an address that it had confirmed, or empty.

    Instead of the address it may have `sha1:` and the SHA-1 of it, in hexadecimal.
    """

    name: str
    id: str = ""
    email: str = ""

    @property
    def key(self) -> str:
        """What tells them from all others there. No name can pass for an id."""
        return f"\x1f{self.id}" if self.id else self.name.replace("\x1f", " ")


def ensure(session: Session, it: Installation, source: str, writers: Collection[Writer]) -> dict[str, int]:
    """The account ids of `writers` by their keys, with an account made for each who has none yet.

    A name that belongs to somebody else, or would pass for the paper's own, gets a number behind it. Whoever has shown
    here that the mailbox of a writer is theirs is the writer, also after they have erased their account.
    """
    # ids stay here as digests: some of them are digests of addresses, which can be guessed
    subjects = {
        writer.key: digest(it.settings, "old-author", writer.id) if writer.id else writer.key for writer in writers
    }
    known = select(Login.subject, Login.account_id).where(
        Login.provider == provider(source), Login.subject.in_(sorted(subjects.values()))
    )
    # none of them becomes a reader's before what they wrote is written
    known = known.order_by(Login.id).with_for_update(read=True)
    accounts = {row.subject: row.account_id for row in session.execute(known)}
    missing = {writer.key: writer for writer in writers if subjects[writer.key] not in accounts}
    papers = tuple(session.scalars(select(Site.name))) if missing else ()
    tokens = {key: token for key, writer in missing.items() if (token := mailbox(it, writer.email)) is not None}
    lock_names(session, tokens.values())
    for key, writer in sorted(missing.items()):
        token = tokens.get(key)
        owner = mailboxes.owner(session, token) if token else None
        if owner and owner.state == ERASED:  # nothing that says who they were comes back
            accounts[subjects[key]] = owner.id
            continue
        with use(it.house.language):
            account_id = owner.id if owner else _make(session, writer.name, papers)
        if token:
            mailboxes.remember(session, account_id, MAILBOX, token)
        login = Login(id=new_id(), account_id=account_id, provider=provider(source), subject=subjects[key])
        login.created_at = clock.now()
        session.add(login)
        accounts[subjects[key]] = account_id
    return {key: accounts[subject] for key, subject in subjects.items()}


def mailbox(it: Installation, known_as: str) -> str | None:
    """The token by which the mailbox of a Writer is known again, if it has one."""
    if sha1 := _SHA1.fullmatch(known_as):
        return mailboxes.token_of_sha1(it.settings, sha1[1])
    try:
        return mailboxes.token(it.settings, emails.check(known_as)) if known_as else None
    except Malformed:
        return None


def _make(session: Session, name: str, papers: tuple[str, ...]) -> int:
    account_id = new_id()
    wanted = honest("".join(c for c in name if c.isprintable())).strip()
    suitable = is_visible(wanted) and skeleton(wanted) and not is_reserved(wanted, papers)
    name = base = wanted if suitable else _(NAMELESS)
    while not _insert(session, account_id, name):  # somebody looks like that already
        name = f"{base} {secrets.randbelow(10_000):04}"
    return account_id


def _insert(session: Session, account_id: int, name: str) -> bool:
    values = {
        "id": account_id,
        "name": name,
        "name_skeleton": skeleton(name),
        "session_epoch": 0,
        "state": "active",
        "origin": IMPORT,
        "created_at": clock.now(),
    }
    statement = insert(session, Account).values(**values).on_conflict_do_nothing().returning(Account.id)
    return session.execute(statement).first() is not None
