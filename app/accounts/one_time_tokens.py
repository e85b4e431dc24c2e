"""One-time tokens: secrets that go out by letter and are good for one use. Only keyed digests of them are kept."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import insert_once
from app.digests import digest
from app.errors import Malformed
from app.ids import new_id
from app.language import mark
from app.models import OneTimeToken
from app.models.one_time_token import LINK, RESET, VERIFY
from config.settings import Settings

LIFETIME_BY_PURPOSE = {VERIFY: timedelta(days=3), RESET: timedelta(days=1), LINK: timedelta(days=1)}


def issue(session: Session, settings: Settings, account_id: int, purpose: str, customer_id: str | None = None) -> str:
    """A new secret, good for `purpose` and as long as that is. One to link is good for one customer at Stripe."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        OneTimeToken(
            id=new_id(),
            account_id=account_id,
            purpose=purpose,
            customer_id=customer_id,
            digest=_digest(settings, secret),
            created_at=now,
            expires_at=now + LIFETIME_BY_PURPOSE[purpose],
        )
    )
    return secret


def recipient(session: Session, settings: Settings, secret: str, purpose: str) -> int | None:
    """The account that `secret` was sent to, spent or expired as it may be, as long as that is remembered."""
    sent = OneTimeToken.digest == _digest(settings, secret), OneTimeToken.purpose == purpose
    account_id: int | None = session.scalar(select(OneTimeToken.account_id).where(*sent))
    return account_id


def owner(session: Session, settings: Settings, secret: str, purpose: str) -> int:
    """The account that `secret` was sent to, as long as it can be used. Raises as `use` does."""
    account_id = session.scalar(select(OneTimeToken.account_id).where(*_good(settings, secret, purpose)))
    if account_id is None:
        raise invalid()
    return account_id


def use(session: Session, settings: Settings, secret: str, purpose: str) -> int:
    """The account that `secret` was sent to; nobody can use it again. Raises Malformed (422, "token_invalid")."""
    spent = _spend(settings, secret, purpose).returning(OneTimeToken.account_id)
    account_id: int | None = session.scalar(spent)
    if account_id is None:
        raise invalid()
    return account_id


def use_link(session: Session, settings: Settings, secret: str, account_id: int) -> str:
    """The customer that `secret` links to this account, which alone can spend it. Raises as `use` does."""
    mine = _spend(settings, secret, LINK).where(OneTimeToken.account_id == account_id)
    customer_id: str | None = session.scalar(mine.returning(OneTimeToken.customer_id))
    if customer_id is None:
        raise invalid()
    return customer_id


def spend_foreign(
    session: Session, settings: Settings, nonce: str, account_id: int, customer_id: str, expires_at: datetime
) -> bool:
    """Whether `nonce`, from a voucher that another site signed, was not used before; from now on it was."""
    return insert_once(
        session,
        OneTimeToken,
        id=new_id(),
        account_id=account_id,
        purpose=LINK,
        customer_id=customer_id,
        digest=digest(settings, "nonce", nonce),
        created_at=clock.now(),
        expires_at=expires_at,
        used_at=clock.now(),
    )


def invalid() -> Malformed:
    """The refusal of a secret that is unknown, spent, expired or somebody else's."""
    sentence = mark("This link is not good any more. Please ask for a new letter.")
    return Malformed("token_invalid", sentence, field="token")


def void(session: Session, account_id: int, purpose: str) -> None:
    """Make every unused secret of an account worthless."""
    session.execute(
        update(OneTimeToken)
        .where(OneTimeToken.account_id == account_id, OneTimeToken.purpose == purpose, OneTimeToken.used_at.is_(None))
        .values(used_at=clock.now())
    )


def _spend(settings: Settings, secret: str, purpose: str) -> Update:
    return update(OneTimeToken).where(*_good(settings, secret, purpose)).values(used_at=clock.now())


def _good(settings: Settings, secret: str, purpose: str) -> tuple[ColumnElement[bool], ...]:
    """What is true of the row of a secret that can be used."""
    return (
        OneTimeToken.digest == _digest(settings, secret),
        OneTimeToken.purpose == purpose,
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > clock.now(),
    )


def _digest(settings: Settings, secret: str) -> str:
    return digest(settings, "one-time", secret)
