"""API keys: made and taken by the operator, each with a quota of its own. A secret is shown once and kept by nobody."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts.digests import digest
from app.db import insert_once
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.language import mark
from app.models import ApiKey
from config.settings import Settings

# lets those who search for leaked secrets know one of ours
PREFIX = "btl_"


def create(session: Session, settings: Settings, name: str, per_second: int, per_minute: int) -> str:
    """A new key, good at once. Raises Conflict (409, "key_exists") if one of this name is in force."""
    secret, key_id = PREFIX + secrets.token_urlsafe(32), new_id()
    made = insert_once(
        session,
        ApiKey,
        id=key_id,
        name=name,
        digest=_digest(settings, secret),
        per_second=per_second,
        per_minute=per_minute,
        created_at=clock.now(),
    )
    if not made:
        raise Conflict("key_exists", mark("A key of this name is in force. Revoke it first, or take another name."))
    ledger.append(session, ledger.Entry(None, "api_key.create", "api_key", key_id))
    return secret


def revoke(session: Session, name: str) -> None:
    """End the key of that name; its next request is refused. Raises NotFound (404, "unknown_key")."""
    in_force = update(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    key_id = session.scalar(in_force.values(revoked_at=clock.now()).returning(ApiKey.id))
    if key_id is None:
        raise NotFound("unknown_key", mark("No key of this name is in force."))
    ledger.append(session, ledger.Entry(None, "api_key.revoke", "api_key", key_id))


def find(session: Session, settings: Settings, secret: str) -> ApiKey | None:
    """The key in force with this secret."""
    ours = select(ApiKey).where(ApiKey.digest == _digest(settings, secret), ApiKey.revoked_at.is_(None))
    return session.scalars(ours).first()


def listed(session: Session) -> Sequence[ApiKey]:
    """All keys, the oldest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.id)).all()


def _digest(settings: Settings, secret: str) -> str:
    return digest(settings, "api-key", secret)
