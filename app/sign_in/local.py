"""Signing in with address and password. The banned and the lapsed may: how else would they learn why."""

from sqlalchemy import select

from app.accounts import attempts, emails, identity
from app.accounts.identity import ANONYMOUS, Identity
from app.errors import SignInRequired
from app.installation import Installation
from app.language import mark
from app.models import Account, Login
from app.models.login import LOCAL
from app.sign_in import passwords


def sign_in(it: Installation, email: str, password: str) -> Identity:
    """Who `email` and `password` belong to. Raises SignInRequired (401, "wrong_credentials"), TooMany (429).

    Takes no session, since no transaction should last as long as a password's check.
    """
    attempted = attempts.of_address(it.settings, email)
    attempts.count(it.database, attempted)
    with it.database.reading() as session:
        login = session.execute(
            select(Login.secret, Account.id, Account.session_epoch)
            .join(Account, Account.id == Login.account_id)
            .where(Login.provider == LOCAL, Login.subject == emails.folded(email))
        ).first()
    if not passwords.matches(login.secret if login else None, password) or login is None:
        raise _wrong()
    with it.database.transaction() as session:
        attempts.forget(session, attempted)
        found = identity.load(session, login.id, login.session_epoch)
    if found is ANONYMOUS:
        raise _wrong()
    return found


def _wrong() -> SignInRequired:
    return SignInRequired("wrong_credentials", mark("This address and password do not belong together."))
