"""Bearer tokens: short-lived JWTs that carry the session epoch, so that a ban or "end sessions" kills them too."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from app import clock, ids
from app.accounts.identity import Identity
from config.settings import Settings

TOKEN_LIFETIME = timedelta(hours=1)
ALGORITHM = "HS256"


@dataclass(frozen=True)
class Claims:
    """What a token says, once its signature, audience and expiry were found good."""

    account_id: int
    epoch: int


def issue(settings: Settings, caller: Identity) -> str:
    """A token for `caller`, good for TOKEN_LIFETIME."""
    now = int(clock.now().timestamp())
    claims = {
        "sub": str(caller.account_id),
        "epoch": caller.epoch,
        "aud": settings.public_url,
        "iat": now,
        "exp": now + int(TOKEN_LIFETIME.total_seconds()),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, _keys(settings)[0], algorithms=[ALGORITHM])


def read(settings: Settings, token: str) -> Claims | None:
    """The claims of a token of ours that is still good, or None."""
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        aud={"essential": True, "value": settings.public_url},
        exp={"essential": True},
        sub={"essential": True},
        epoch={"essential": True},
    )
    for key in _keys(settings):
        with suppress(JoseError, ValueError, TypeError, OverflowError, RecursionError):
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
            return _claims(claims)
    return None


def _claims(claims: dict[str, object]) -> Claims:
    """What the claims say in their types. Raises ValueError."""
    account_id, epoch, expires_at = (ids.parse(str(claims[name])) for name in ("sub", "epoch", "exp"))
    if account_id is None or epoch is None or expires_at is None:
        raise ValueError("out of bounds")
    return Claims(account_id, epoch)


def _keys(settings: Settings) -> list[OctKey]:
    return [OctKey.import_key(key) for key in settings.secret_keys]
