"""The keys with which the paper signs what it says of those who are signed in there.

Either a secret that it shares with us (BTL_SSO_SECRET), or keys that it publishes at an address (BTL_SSO_JWKS). Which
algorithm a key is for follows from the key and never from a token, which could name another one and be believed.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import structlog
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from app.errors import Malformed, NotFound
from app.language import mark
from app.sign_in import published
from config.settings import Settings

# between two readings, whatever key is asked for; and after so long what is read anew may have withdrawn a key
BETWEEN_READINGS_SECONDS, FRESH_SECONDS = 60, 600
MOST_KEYS = 50
FEWEST_RSA_BITS = 2048
UNKNOWN = mark("The paper has signed this with a key that we do not know. Please go back and try again in a minute.")

_log = structlog.get_logger()


@dataclass(frozen=True)
class SigningKey:
    """A key with what its algorithm is called; `EdDSA` has two names since RFC 9864."""

    key: OctKey | RSAKey | OKPKey = field(repr=False)
    algorithm: tuple[str, ...]


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


class PublishedKeys:
    """What was read at an address last, by the id of each key; the last good ones while it does not answer.

    Whoever asks for an unknown key may have them read anew and waits for that; all others go on with what is known.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._known: dict[str, SigningKey] = {}
        self._began_at = self._read_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, key_id: str) -> SigningKey | None:
        """The key of that id."""
        found = self._known.get(key_id)
        if found is None and (reading := self.read_anew()):
            reading.wait(published.MOST_SECONDS)
        elif time.monotonic() - self._read_at > FRESH_SECONDS:
            self.read_anew()
        return self._known.get(key_id)

    def read_anew(self) -> threading.Event | None:
        """Begin to read, unless somebody has within the last minute; what is set when it is done."""
        with self._lock:
            if time.monotonic() - self._began_at < BETWEEN_READINGS_SECONDS:
                return None
            self._began_at = time.monotonic()
        done = threading.Event()
        threading.Thread(target=self._read, args=(done,), daemon=True).start()
        return done

    def _read(self, done: threading.Event) -> None:
        try:
            self._known = usable(published.read(self._address))
            self._read_at = time.monotonic()
        except (published.Unreadable, ValueError, TypeError, RecursionError) as error:
            _log.warning("sso_keys_unreadable", reason=type(error).__name__)
        finally:
            done.set()


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
        found = of(settings.sso_jwks).find(key_id)
        if found is None:
            raise Malformed("sso_key", UNKNOWN, field="token")
        return found
    if settings.sso_secret:
        return SigningKey(OctKey.import_key(settings.sso_secret), ("HS256",))
    if settings.sso_jwks:
        raise Malformed("sso_key", UNKNOWN, field="token")
    raise NotFound


@cache
def of(address: str) -> PublishedKeys:
    """The keys published there, for all who ask in this process."""
    return PublishedKeys(address)


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
