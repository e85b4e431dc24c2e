"""New passwords, asked for by letter or set by their owner. Either ends every session; neither lifts a ban."""

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app import ledger
from app.accounts import emails, one_time_tokens, standing
from app.db import Database
from app.errors import Forbidden
from app.language import mark
from app.mail import letters
from app.models import Account, Login
from app.models import letter as kinds
from app.models.login import LOCAL
from app.models.one_time_token import RESET, VERIFY
from app.payers import mailboxes
from app.sign_in import passwords
from config.policy import HouseRules
from config.settings import Settings


def ask(session: Session, email: str) -> None:
    """Write the letter with which the owner of `email` can set a new password; nothing for an unknown one."""
    mine = select(Login.account_id).where(Login.provider == LOCAL, Login.subject == emails.folded(email))
    account_id = session.scalar(mine)
    if account_id is not None:
        standing.lock(session, account_id)
        letters.write_sparingly(session, account_id, kinds.RESET)


def reset(session: Session, settings: Settings, house: HouseRules, token: str, secret: str) -> Account:
    """Set the password to what passwords.hashed made of it. Raises Malformed token_invalid.

    Whoever has the letter has the mailbox, so that it counts as verified.
    """
    account = standing.lock(session, one_time_tokens.use(session, settings, token, RESET))
    mailboxes.prove(session, settings, house, account)
    _set(session, account, secret)
    return account


def change(database: Database, account_id: int, password: str, new: str) -> Account:
    """The reader replaces `password`. Raises Forbidden wrong_password, Malformed password_length.

    Takes the database: the passwords' work is done before the transaction opens.
    """
    secret = passwords.hashed(new, field="new_password")
    known = require_password(database, account_id, password)
    with database.transaction() as session:
        account = standing.lock(session, account_id)
        if session.scalar(_secret_of(account_id)) != known:  # somebody else replaced it while we were looking
            raise _wrong_password()
        _set(session, account, secret)
    return account


def require_password(database: Database, account_id: int, password: str) -> str:
    """The hash that `password` matches. Raises Forbidden wrong_password. Call it outside of a transaction."""
    with database.reading() as session:
        known = session.scalar(_secret_of(account_id))
    if known is None or not passwords.matches(known, password):
        raise _wrong_password()
    return known


def end_sessions(session: Session, account_id: int) -> Account:
    """Make every cookie and token of the account worthless."""
    account = standing.lock(session, account_id)
    account.session_epoch += 1
    ledger.append(session, ledger.Entry(account_id, "account.end_sessions", "account", account_id))
    return account


def _secret_of(account_id: int) -> Select[str | None]:
    return select(Login.secret).where(Login.account_id == account_id, Login.provider == LOCAL)


def _wrong_password() -> Forbidden:
    return Forbidden("wrong_password", mark("This is not your present password."), field="password")


def _set(session: Session, account: Account, secret: str) -> None:
    session.execute(update(Login).where(Login.account_id == account.id, Login.provider == LOCAL).values(secret=secret))
    account.session_epoch += 1
    for purpose in (RESET, VERIFY):
        one_time_tokens.void(session, account.id, purpose)
    ledger.append(session, ledger.Entry(account.id, "account.set_password", "account", account.id))
