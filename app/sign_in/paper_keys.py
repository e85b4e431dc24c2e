"""The keys with which the paper signs what it says of those who are signed in there.

Either a secret that it shares with us (BTL_SSO_SECRET), or keys that it publishes at an address (BTL_SSO_JWKS). Which
algorithm a key is for follows from the key and never from a token, which could name another one and be believed.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from app.errors import Malformed, NotFound
from app.language import mark
from app.sign_in.published import Kept
from config.settings import Settings

MOST_KEYS = 50
FEWEST_RSA_BITS = 2048
UNKNOWN = mark("The paper has signed this with a key that we do not know. Please go back and try again in a minute.")


@dataclass(frozen=True)
class SigningKey:
    """A key with what its algorithm is called; `EdDSA` has two names since RFC 9864."""

    key: OctKey | RSAKey | OKPKey = field(repr=False)
    algorithm: tuple[str, ...]


# by the id of each
PublishedKeys = Kept[dict[str, SigningKey]]


class OneAlgorithm(JWSRegistry):
    """Knows a key's own algorithm and no other."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(algorithms=names)
        self._names = names

    def get_alg(self, name: str) -> Any:
        """Without joserfc's warning that EdDSA has another name now."""
        if name not in self._names:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def usable(document: bytes) -> dict[str, SigningKey]:
    """The public keys of a JWKS that a reader's token may be signed with. Raises ValueError if there is none.

    A secret that somebody has published is none any more; of two keys of one id the first one counts.
    """
    found: dict[str, SigningKey] = {}
    for given in json.loads(document)["keys"][:MOST_KEYS]:
        key = _public(given) if isinstance(given, dict) else None
        if key is not None:
            found.setdefault(given["kid"], key)
    if not found:
        raise ValueError("no key that can be used")
    return found


def find(settings: Settings, key_id: str | None) -> SigningKey:
    """The key that a token with this `kid` must be signed with.

    Raises NotFound where the paper's readers are not signed in here, Malformed (422, "sso_key").
    """
    if settings.sso_jwks and key_id is not None:
        found = find_published(published_at(settings.sso_jwks), key_id)
        if found is None:
            raise Malformed("sso_key", UNKNOWN, field="token")
        return found
    if settings.sso_secret:
        return SigningKey(OctKey.import_key(settings.sso_secret), ("HS256",))
    if settings.sso_jwks:
        raise Malformed("sso_key", UNKNOWN, field="token")
    raise NotFound


def find_published(keys: PublishedKeys, key_id: str) -> SigningKey | None:
    """The key of that id, read anew if it is unknown."""
    found = (keys.known() or {}).get(key_id)
    return found or (keys.anew() or {}).get(key_id)


@cache
def published_at(address: str) -> PublishedKeys:
    """The keys published there, for all who ask in this process."""
    return Kept(address, usable)


def _public(given: dict[str, object]) -> SigningKey | None:
    """A key as it was published, by its public parts; None if it is for something else."""
    kind, algorithm = given.get("kty"), given.get("alg")
    if not isinstance(given.get("kid"), str) or given.get("use", "sig") != "sig":
        return None
    try:
        if kind == "RSA" and algorithm in (None, "RS256") and _bits(str(given["n"])) >= FEWEST_RSA_BITS:
            rsa = RSAKey.import_key({name: str(given[name]) for name in ("kty", "n", "e")})
            return SigningKey(rsa, ("RS256",))
        if kind == "OKP" and given.get("crv") == "Ed25519" and algorithm in (None, "EdDSA", "Ed25519"):
            okp = OKPKey.import_key({name: str(given[name]) for name in ("kty", "crv", "x")})
            return SigningKey(okp, ("EdDSA", "Ed25519"))
    except (JoseError, ValueError, KeyError):
        return None
    return None


def _bits(number: str) -> int:
    """How long a number is that stands in a key; six bits are a character."""
    return len(number.rstrip("=")) * 6 // 8 * 8
