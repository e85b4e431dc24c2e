"""New passwords, asked for by letter or set by their owner. Either ends every session; neither lifts a ban.

Whoever asks for the letter learns nothing: the request only writes down what was typed, and a job looks whose it is.
A stranger can ask too, for a few letters a day. While no more are sent, the last one is still good, so that nobody can
keep its owner out.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import attempts, emails, identity, known_places, one_time_tokens, standing
from app.accounts.identity import Identity
from app.db import insert_once
from app.errors import Refusals
from app.ids import new_id
from app.installation import Installation
from app.jobs import queue
from app.mail import letters
from app.models import Account, Login, OneTimeToken
from app.models import letter as kinds
from app.models.login import LOCAL
from app.models.one_time_token import RESET, VERIFY
from app.sign_in import local, passwords, sign_up
from config.settings import Settings

ASK = "accounts.reset"


def ask(session: Session, email: str) -> None:
    """Have a letter written to the owner of `email`, if it has one, with which to set a new password."""
    typed = emails.folded(email)[: emails.MOST_CHARACTERS + 1]
    queue.enqueue(session, ASK, {"email": typed}, unique_key=f"{ASK}:{typed}")


def write_letter(it: Installation, payload: dict[str, Any]) -> None:
    """Job: what was asked for, unless the address is nobody's or has been written to enough."""
    with it.database.transaction() as session:
        account_id = _owner(session, it.settings, payload["email"])
        if account_id is None:
            return
        standing.lock(session, account_id)
        letters.write_sparingly(session, account_id, kinds.RESET, since=_set_last(session, account_id))


def reset(it: Installation, token: str, password: str, network: str) -> Identity:
    """Set the password, and who may go on with it. Raises Malformed token_invalid, and as passwords.hashed does.

    `network` is where they come from, here and below, as for local.sign_in.
    Whoever has the letter has the mailbox, so that it counts as verified, and waits for nobody who guesses.
    """
    with it.database.reading() as session:
        account = session.get_one(Account, one_time_tokens.owner(session, it.settings, token, RESET))
    secret = passwords.hashed(password, _words(it, account))
    with it.database.transaction() as session:
        account = standing.lock(session, one_time_tokens.use(session, it.settings, token, RESET))
        sign_up.confirm(session, it.settings, it.house, account)
        return _set(session, it.settings, account, secret, network)


def change(it: Installation, account_id: int, password: str, new: str, network: str) -> Identity:
    """The reader replaces `password`. Raises TooMany, or together wrong_password and what passwords.check raises.

    The passwords' work is done before the transaction opens.
    """
    with it.database.reading() as session:
        words = _words(it, session.get_one(Account, account_id))
    refusals = Refusals()
    known = refusals.of(lambda: local.require_password(it, account_id, password))
    refusals.of(lambda: passwords.check(new, words, field="new_password"))
    refusals.tell()
    secret = passwords.hashed(new, words, field="new_password")
    with it.database.transaction() as session:
        account = standing.lock(session, account_id)
        if session.scalar(local.secret_of(account_id)) != known:  # somebody else replaced it while we were looking
            raise local.wrong_password()
        return _set(session, it.settings, account, secret, network)


def end_sessions(session: Session, account_id: int) -> Account:
    """Make every cookie and token of the account worthless."""
    account = standing.lock(session, account_id)
    account.session_epoch += 1
    ledger.append(session, ledger.Entry(account_id, "account.end_sessions", "account", account_id))
    return account


def _owner(session: Session, settings: Settings, email: str) -> int | None:
    """Whose log-in the address is, or who goes by it and has been signed in elsewhere till now."""
    by_password = select(Login.account_id).where(Login.provider == LOCAL, Login.subject == email)
    account_id: int | None = session.scalar(by_password)
    if account_id is None and "@" in email:
        mailbox = Account.email_token == emails.token(settings, email)
        account_id = session.scalar(select(Account.id).where(mailbox, Account.verified_at.is_not(None)))
    return account_id


def _set_last(session: Session, account_id: int) -> datetime | None:
    """When the owner set a password last, as far as that is remembered: the letters before served their purpose."""
    spent = OneTimeToken.account_id == account_id, OneTimeToken.purpose == RESET
    at: datetime | None = session.scalar(select(func.max(OneTimeToken.used_at)).where(*spent))
    return at


def _words(it: Installation, account: Account) -> tuple[str, ...]:
    return passwords.words_of(it, account.email or "", account.name)


def _set(session: Session, settings: Settings, account: Account, secret: str, network: str) -> Identity:
    """Every way in that there was ends here, and the mailbox hears of it."""
    email = account.email or ""
    mine = update(Login).where(Login.account_id == account.id, Login.provider == LOCAL).values(secret=secret)
    if session.scalar(mine.returning(Login.id)) is None:
        way_in = {"provider": LOCAL, "subject": emails.folded(email), "secret": secret}
        if not insert_once(session, Login, id=new_id(), account_id=account.id, created_at=clock.now(), **way_in):
            raise one_time_tokens.invalid()  # an older account of the mailbox has it, which goes by it
    account.session_epoch += 1
    for purpose in (RESET, VERIFY):
        one_time_tokens.void(session, account.id, purpose)
    place = known_places.digest_of(settings, email, network)
    known_places.forget(session, account.id)
    known_places.remember(session, account.id, place)
    attempts.forget(session, place, attempts.of_address(settings, email), attempts.of_account(settings, account.id))
    letters.write(session, account.id, kinds.PASSWORD_CHANGED)
    ledger.append(session, ledger.Entry(account.id, "account.set_password", "account", account.id))
    session.flush()
    return identity.load(session, account.id, account.session_epoch)
