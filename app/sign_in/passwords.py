"""Passwords: argon2id at the cost that OWASP asks for (19 MiB, two passes).

Hashing takes some 30 ms, so it happens outside of transactions. It takes them for an unknown address as well:
the time of an answer must not tell who has an account.
"""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import Malformed
from app.language import mark

FEWEST_CHARACTERS, MOST_CHARACTERS = 10, 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str, *, field: str = "password") -> str:
    """What to keep of a new password. Raises Malformed (422, "password_length")."""
    if not FEWEST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        sentence = mark("A password has %(shortest)s to %(longest)s characters.")
        raise Malformed("password_length", sentence, field=field, shortest=FEWEST_CHARACTERS, longest=MOST_CHARACTERS)
    return _hasher.hash(_normal(password))


def matches(secret: str | None, password: str) -> bool:
    """Whether `password` is the one that `secret` was made of; takes as long without a secret."""
    try:
        return _hasher.verify(secret or _nobody(), _normal(password[: MOST_CHARACTERS + 1])) and secret is not None
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """Keyboards differ in how they compose an accent."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")
