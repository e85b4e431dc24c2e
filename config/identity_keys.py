"""The keys under which payment identities are digested: kept outside of the database, and exchangeable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# names the key that follows from BTL_DIGEST_KEY, used where no other is set
DERIVED = "derived"
SHORTEST_SECRET_CHARACTERS = 32
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class IdentityKey:
    """A key by its id, which rows carry. Without a secret it is the one that follows from BTL_DIGEST_KEY."""

    id: str
    secret: str = field(default="", repr=False)


def parse(value: str) -> tuple[IdentityKey, ...]:
    """Keys from "new:secret,old:secret"; the first one writes. Raises ValueError, which never quotes a secret."""
    keys = tuple(_keys(value))
    if not keys:
        raise ValueError("needs at least one key")
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("names a key twice")
    return keys


def _keys(value: str) -> Iterator[IdentityKey]:
    for position, part in enumerate((part.strip() for part in value.split(",")), 1):
        identifier, colon, secret = part.partition(":")
        if not _ID.fullmatch(identifier):
            raise ValueError(f"key {position} needs an id of lower-case letters, digits, - and _")
        if (identifier == DERIVED) is bool(colon):
            raise ValueError(f"key {position} must be id:secret; only the id {DERIVED} stands alone")
        if colon and len(secret) < SHORTEST_SECRET_CHARACTERS:
            raise ValueError(f"the secret of {identifier} needs at least {SHORTEST_SECRET_CHARACTERS} characters")
        yield IdentityKey(identifier, secret)
