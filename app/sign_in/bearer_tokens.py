"""Bearer tokens: short-lived JWTs that carry the session epoch, so that a ban or "end sessions" kills them too.

A page of a newspaper holds a weak one for its reader: its audience is the one site, and it ends with the session that
it was given in, at the next request.
"""

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
EMBED_TOKEN_LIFETIME = timedelta(minutes=10)
ALGORITHM = "HS256"


@dataclass(frozen=True)
class Claims:
    """What a token says, once its signature, audience and expiry were found good.

    `site_id`: of the newspaper whose page holds it, given in the session `session_id` which is over at `until` (seconds
    since 1970); 0: it is the reader's own, and of no session.
    """

    account_id: int
    epoch: int
    site_id: int = 0
    session_id: str = ""
    until: int = 0


def issue(settings: Settings, caller: Identity) -> str:
    """A token for `caller`, good for TOKEN_LIFETIME."""
    return _signed(settings, Claims(caller.account_id, caller.epoch), TOKEN_LIFETIME)


def issue_to_embed(settings: Settings, caller: Identity) -> str:
    """A token for the page that `caller` is embedded in, good for as long as `embed_lifetime` says."""
    said = Claims(caller.account_id, caller.epoch, caller.embedded_at, caller.session_id, caller.until)
    return _signed(settings, said, embed_lifetime(caller))


def embed_lifetime(caller: Identity) -> timedelta:
    """For how long a token that a page gets now is good: for EMBED_TOKEN_LIFETIME, or until its session is over."""
    return min(timedelta(seconds=caller.until - int(clock.now().timestamp())), EMBED_TOKEN_LIFETIME)


def read(settings: Settings, token: str) -> Claims | None:
    """The claims of a token of ours that is still good, or None."""
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        aud={"essential": True},
        exp={"essential": True},
        sub={"essential": True},
        epoch={"essential": True},
    )
    for key in _keys(settings):
        with suppress(JoseError, ValueError, TypeError, OverflowError, RecursionError):
            claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
            return _claims(settings, claims)
    return None


def _signed(settings: Settings, said: Claims, lifetime: timedelta) -> str:
    now = int(clock.now().timestamp())
    claims = {
        "sub": str(said.account_id),
        "epoch": said.epoch,
        "aud": _audience(settings, said.site_id),
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    if said.session_id:
        claims |= {"sid": said.session_id, "until": said.until}
    return jwt.encode({"alg": ALGORITHM}, claims, _keys(settings)[0], algorithms=[ALGORITHM])


def _audience(settings: Settings, site_id: int) -> str:
    return f"{settings.public_url}/sites/{site_id}" if site_id else settings.public_url


def _claims(settings: Settings, claims: dict[str, object]) -> Claims:
    """What the claims say in their types. Raises ValueError."""
    account_id, epoch, expires_at = (ids.parse(str(claims[name])) for name in ("sub", "epoch", "exp"))
    if account_id is None or epoch is None or expires_at is None:
        raise ValueError("out of bounds")
    audience = str(claims["aud"])
    if audience == settings.public_url:
        return Claims(account_id, epoch)
    site_id, until = ids.parse(audience.rpartition("/")[2]), ids.parse(str(claims.get("until")))
    if not site_id or audience != _audience(settings, site_id) or not until or not claims.get("sid"):
        raise ValueError("no audience of ours")
    return Claims(account_id, epoch, site_id, str(claims["sid"]), until)


def _keys(settings: Settings) -> list[OctKey]:
    return [OctKey.import_key(key) for key in settings.secret_keys]
