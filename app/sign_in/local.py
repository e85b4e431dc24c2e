"""Signing in with address and password, and being asked for the password once more.

The banned and the lapsed may sign in: how else would they learn why. Who has not confirmed the address may not, and is
told what a wrong password is told: whoever signs up with a stranger's address would learn by signing in whether that
made an account.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts import attempts, emails, identity, known_places
from app.accounts.identity import ANONYMOUS, Identity
from app.errors import Forbidden, SignInRequired
from app.installation import Installation
from app.language import mark
from app.models import Account, Login
from app.models.login import LOCAL
from app.sign_in import passwords

WRONG = mark(
    "This address and password do not belong together, or the address is not confirmed yet: the link for that is in "
    "the letter that we sent when you signed up."
)


def sign_in(it: Installation, email: str, password: str, network: str) -> Identity:
    """Who `email` and `password` belong to. Raises SignInRequired (401, "wrong_credentials"), TooMany (429).

    `network` is where they come from (addresses.whose). Takes no session, since no transaction should last as long as a
    password's check.
    """
    place = known_places.digest_of(it.settings, email, network)
    with it.database.reading() as session:
        login = session.execute(
            select(Login.secret, Account.id, Account.session_epoch)
            .join(Account, Account.id == Login.account_id)
            .where(Login.provider == LOCAL, Login.subject == emails.folded(email), Account.verified_at.is_not(None))
        ).first()
        is_known = known_places.is_known(session, place)
    attempted = place if is_known else attempts.of_address(it.settings, email)
    attempts.count(it.database, attempted)
    if not passwords.matches(login.secret if login else None, password) or login is None:
        raise _wrong()
    with it.database.transaction() as session:
        attempts.forget(session, attempted)
        known_places.remember(session, login.id, place)
        found = identity.load(session, login.id, login.session_epoch)
    if found is ANONYMOUS:
        raise _wrong()
    return found


def require_password(it: Installation, account_id: int, password: str) -> str:
    """The hash that `password` matches. Raises Forbidden wrong_password, TooMany. Call it outside of a transaction."""
    attempted = attempts.of_account(it.settings, account_id)
    attempts.count(it.database, attempted)
    with it.database.reading() as session:
        known = session.scalar(secret_of(account_id))
    if not passwords.matches(known, password) or known is None:
        raise wrong_password()
    with it.database.transaction() as session:
        attempts.forget(session, attempted)
    return known


def has_password(session: Session, account_id: int) -> bool:
    """Whether the account has a password here, and is not only signed in elsewhere."""
    return session.scalar(secret_of(account_id)) is not None


def secret_of(account_id: int) -> Select[str | None]:
    """What is kept of the password of an account."""
    return select(Login.secret).where(Login.account_id == account_id, Login.provider == LOCAL)


def wrong_password() -> Forbidden:
    """The refusal of a password that is asked for once more."""
    return Forbidden("wrong_password", mark("This is not your present password."), field="password")


def _wrong() -> SignInRequired:
    return SignInRequired("wrong_credentials", WRONG)
