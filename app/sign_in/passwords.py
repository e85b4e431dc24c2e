"""Passwords: argon2id at the cost that OWASP asks for (19 MiB, two passes).

Hashing takes some 30 ms, so it happens outside of transactions. It takes them for an unknown address as well:
the time of an answer must not tell who has an account.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.errors import Malformed
from app.installation import Installation
from app.language import mark
from app.sign_in import guessable
from app.stories import sites

FEWEST_CHARACTERS, MOST_CHARACTERS = 10, 200

GUESSABLE = mark(
    "Others would guess this password: many people use it, or it is a pattern, or it is made of your name, your "
    "address or the name of the paper. Four words that have nothing to do with each other make a good one."
)

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def words_of(it: Installation, email: str, name: str) -> tuple[str, ...]:
    """What everybody knows who guesses at the password of an account: its owner's words and the paper's."""
    return email, name, it.house.name, *(site.name for site in sites.known(it.database))


def check(password: str, words: Iterable[str], *, field: str = "password") -> None:
    """Raise Malformed (422: password_length, password_guessable) for what is no password for an account of `words`."""
    if not FEWEST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        sentence = mark("A password has %(shortest)s to %(longest)s characters.")
        raise Malformed("password_length", sentence, field=field, shortest=FEWEST_CHARACTERS, longest=MOST_CHARACTERS)
    if guessable.is_guessable(password, words):
        raise Malformed("password_guessable", GUESSABLE, field=field)


def hashed(password: str, words: Iterable[str], *, field: str = "password") -> str:
    """What to keep of a new password, which must not be made of `words` (words_of).

    Raises as `check` does. Every password that somebody chooses comes here.
    """
    check(password, words, field=field)
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
