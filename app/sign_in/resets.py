"""New passwords, asked for by letter or set by their owner. Either ends every session; neither lifts a ban.

Whoever asks for the letter learns nothing: the request only writes down what was typed, and a job looks whose it is.
A stranger can ask too, for a few letters a day. While no more are sent, the last one is still good, so that nobody can
keep its owner out: RESET tokens live as long as the letters are counted.
"""

from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import attempts, emails, identity, one_time_tokens, standing
from app.accounts.identity import Identity
from app.db import Database
from app.errors import Forbidden
from app.installation import Installation
from app.jobs import queue
from app.language import mark
from app.mail import letters
from app.models import Account, Letter, Login, OneTimeToken
from app.models import letter as kinds
from app.models.login import LOCAL
from app.models.one_time_token import RESET, VERIFY
from app.payers import mailboxes
from app.sign_in import passwords
from config.settings import Settings

ASK = "accounts.reset"
MOST_LETTERS, LETTERS_COUNT_FOR = 3, one_time_tokens.LIFETIME_BY_PURPOSE[RESET]


def ask(session: Session, email: str) -> None:
    """Have a letter written to the owner of `email`, if it has one, with which to set a new password."""
    typed = emails.folded(email)[: emails.MOST_CHARACTERS + 1]
    queue.enqueue(session, ASK, {"email": typed}, unique_key=f"{ASK}:{typed}")


def write_letter(database: Database, payload: dict[str, Any]) -> None:
    """Job: what was asked for, unless the address is nobody's or has been written to enough."""
    with database.transaction() as session:
        mine = select(Login.account_id).where(Login.provider == LOCAL, Login.subject == payload["email"])
        account_id = session.scalar(mine)
        if account_id is None:
            return
        standing.lock(session, account_id)
        if _unused_letters(session, account_id) < MOST_LETTERS:
            letters.write_sparingly(session, account_id, kinds.RESET)


def reset(it: Installation, token: str, password: str) -> Identity:
    """Set the password, and who may go on with it. Raises Malformed token_invalid, and as passwords.hashed does.

    Whoever has the letter has the mailbox, so that it counts as verified, and waits for nobody who guesses.
    """
    with it.database.reading() as session:
        account = session.get_one(Account, one_time_tokens.owner(session, it.settings, token, RESET))
    secret = passwords.hashed(password, _words(it, account))
    with it.database.transaction() as session:
        account = standing.lock(session, one_time_tokens.use(session, it.settings, token, RESET))
        mailboxes.prove(session, it.settings, it.house, account)
        return _set(session, it.settings, account, secret)


def change(it: Installation, account_id: int, password: str, new: str) -> Identity:
    """The reader replaces `password`. Raises Forbidden wrong_password, TooMany, and as passwords.hashed does.

    The passwords' work is done before the transaction opens.
    """
    known = require_password(it, account_id, password)
    with it.database.reading() as session:
        account = session.get_one(Account, account_id)
    secret = passwords.hashed(new, _words(it, account), field="new_password")
    with it.database.transaction() as session:
        account = standing.lock(session, account_id)
        if session.scalar(_secret_of(account_id)) != known:  # somebody else replaced it while we were looking
            raise _wrong_password()
        return _set(session, it.settings, account, secret)


def require_password(it: Installation, account_id: int, password: str) -> str:
    """The hash that `password` matches. Raises Forbidden wrong_password, TooMany. Call it outside of a transaction."""
    attempted = attempts.of_account(it.settings, account_id)
    attempts.count(it.database, attempted)
    with it.database.reading() as session:
        known = session.scalar(_secret_of(account_id))
    if not passwords.matches(known, password) or known is None:
        raise _wrong_password()
    with it.database.transaction() as session:
        attempts.forget(session, attempted)
    return known


def end_sessions(session: Session, account_id: int) -> Account:
    """Make every cookie and token of the account worthless."""
    account = standing.lock(session, account_id)
    account.session_epoch += 1
    ledger.append(session, ledger.Entry(account_id, "account.end_sessions", "account", account_id))
    return account


def _unused_letters(session: Session, account_id: int) -> int:
    """How many letters of the last day nobody has set a password with, then or since."""
    used = select(func.max(OneTimeToken.used_at)).where(
        OneTimeToken.account_id == account_id, OneTimeToken.purpose == RESET
    )
    since = max(clock.now() - LETTERS_COUNT_FOR, session.scalar(used) or clock.EPOCH)
    mine = Letter.account_id == account_id, Letter.kind == kinds.RESET, Letter.created_at > since
    return session.scalar(select(func.count()).select_from(Letter).where(*mine)) or 0


def _words(it: Installation, account: Account) -> tuple[str, ...]:
    return passwords.words_of(it, account.email or "", account.name)


def _secret_of(account_id: int) -> Select[str | None]:
    return select(Login.secret).where(Login.account_id == account_id, Login.provider == LOCAL)


def _wrong_password() -> Forbidden:
    return Forbidden("wrong_password", mark("This is not your present password."), field="password")


def _set(session: Session, settings: Settings, account: Account, secret: str) -> Identity:
    """Every way in that there was ends here, and the mailbox hears of it."""
    session.execute(update(Login).where(Login.account_id == account.id, Login.provider == LOCAL).values(secret=secret))
    account.session_epoch += 1
    for purpose in (RESET, VERIFY):
        one_time_tokens.void(session, account.id, purpose)
    attempts.forget(
        session, attempts.of_address(settings, account.email or ""), attempts.of_account(settings, account.id)
    )
    letters.write(session, account.id, kinds.PASSWORD_CHANGED)
    ledger.append(session, ledger.Entry(account.id, "account.set_password", "account", account.id))
    session.flush()
    return identity.load(session, account.id, account.session_epoch)
