"""API keys: made, changed and taken by the operator. A secret is shown once and kept by nobody."""

import secrets
from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock, ledger, toxicity
from app.db import insert_once
from app.digests import digest
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.language import mark
from app.ledger import Detail
from app.models import ApiKey
from app.models.api_key import GOOGLE, SECOND
from app.perspective import scale
from config.settings import Settings

# lets those who search for leaked secrets know one of ours
PREFIX = "btl_"


class Choices(TypedDict, total=False):
    """How the requests of a key are answered; columns of ApiKey."""

    unread_languages: str
    drop_unsupported: bool
    scale: str


class Changes(Choices, total=False):
    """What can be changed of a key; columns of ApiKey."""

    per_second: int
    per_minute: int


def check(settings: Settings, choices: Choices) -> None:
    """Raises Conflict (409) for a choice for which something is missing here. To be asked before a transaction: it
    may load the scorer.
    """
    if choices.get("unread_languages") == SECOND and not settings.second_scorer:
        raise Conflict("no_second_scorer", mark("There is no second scorer. Set BTL_SECOND_SCORER first."))
    if choices.get("scale") == GOOGLE:
        scale.require(toxicity.load(settings.scorer, settings.scorer_files))


def create(
    session: Session, settings: Settings, name: str, per_second: int, per_minute: int, **choices: Unpack[Choices]
) -> str:
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
        **choices,
    )
    if not made:
        raise Conflict("key_exists", mark("A key of this name is in force. Revoke it first, or take another name."))
    ledger.append(session, ledger.Entry(None, "api_key.create", "api_key", key_id))
    return secret


def change(session: Session, name: str, **changes: Unpack[Changes]) -> None:
    """Change the key of that name from its next request on; what is not named stays.

    Raises NotFound (404, "unknown_key").
    """
    key_id, details = _changed(session, name, dict(changes)), cast("Mapping[str, Detail]", changes)
    ledger.append(session, ledger.Entry(None, "api_key.change", "api_key", key_id, details=details))


def revoke(session: Session, name: str) -> None:
    """End the key of that name; its next request is refused. Raises NotFound (404, "unknown_key")."""
    key_id = _changed(session, name, {"revoked_at": clock.now()})
    ledger.append(session, ledger.Entry(None, "api_key.revoke", "api_key", key_id))


def find(session: Session, settings: Settings, secret: str) -> ApiKey | None:
    """The key in force with this secret."""
    ours = select(ApiKey).where(ApiKey.digest == _digest(settings, secret), ApiKey.revoked_at.is_(None))
    return session.scalars(ours).first()


def listed(session: Session) -> Sequence[ApiKey]:
    """All keys, the oldest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.id)).all()


def _changed(session: Session, name: str, values: Mapping[str, object]) -> int:
    """Change the key in force of that name; its id."""
    in_force = update(ApiKey).where(ApiKey.name == name, ApiKey.revoked_at.is_(None))
    key_id: int | None = session.scalar(in_force.values(**values).returning(ApiKey.id))
    if key_id is None:
        raise NotFound("unknown_key", mark("No key of this name is in force."))
    return key_id


def _digest(settings: Settings, secret: str) -> str:
    return digest(settings, "api-key", secret)
