"""Accounts as the operator names them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import ids
from app.accounts import emails
from app.errors import Malformed
from app.models import Account
from config.settings import Settings


def by_email_or_id(session: Session, settings: Settings, text: str) -> Account | None:
    """The account of an e-mail address, in any spelling that reaches its mailbox, or of an id."""
    account_id = ids.parse(text)
    if account_id is not None:
        return session.get(Account, account_id)
    try:
        token = emails.token(settings, emails.check(text))
    except Malformed:
        return None
    return session.scalars(select(Account).where(Account.email_token == token)).first()
