"""One-time tokens: secrets that go out by letter and are good for one use. Only keyed digests of them are kept."""

import secrets
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock
from app.accounts.digests import digest
from app.errors import Malformed
from app.ids import new_id
from app.language import mark
from app.models import OneTimeToken
from app.models.one_time_token import RESET, VERIFY
from config.settings import Settings

LIFETIME = {VERIFY: timedelta(days=3), RESET: timedelta(hours=2)}


def issue(session: Session, settings: Settings, account_id: int, purpose: str) -> str:
    """A new secret, good for `purpose` until LIFETIME is over."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        OneTimeToken(
            id=new_id(),
            account_id=account_id,
            purpose=purpose,
            digest=_digest(settings, secret),
            created_at=now,
            expires_at=now + LIFETIME[purpose],
        )
    )
    return secret


def use(session: Session, settings: Settings, secret: str, purpose: str) -> int:
    """The account that `secret` was sent to; nobody can use it again. Raises Malformed (422, "token_invalid")."""
    now = clock.now()
    account_id: int | None = session.scalar(
        update(OneTimeToken)
        .where(
            OneTimeToken.digest == _digest(settings, secret),
            OneTimeToken.purpose == purpose,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(OneTimeToken.account_id)
    )
    if account_id is None:
        sentence = mark("This link is not good any more. Please ask for a new letter.")
        raise Malformed("token_invalid", sentence, field="token")
    return account_id


def void(session: Session, account_id: int, purpose: str) -> None:
    """Make every unused secret of an account worthless."""
    session.execute(
        update(OneTimeToken)
        .where(OneTimeToken.account_id == account_id, OneTimeToken.purpose == purpose, OneTimeToken.used_at.is_(None))
        .values(used_at=clock.now())
    )


def _digest(settings: Settings, secret: str) -> str:
    return digest(settings, "one-time", secret)
