"""Every sentence a person reads goes through `_`, in the language of the request, the letter or the statement.

Catalogues live in app/locale/<language>/LC_MESSAGES/messages.mo; a language without one reads as English.
"""

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "en"

_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("messages", LOCALE, [language], fallback=True)


def current() -> str:
    """The language in force, as a BCP 47 tag."""
    return _current.get()


def spoken() -> str:
    """The language that sentences come out in: the one in force, English where it has no catalogue."""
    return current() if isinstance(_catalogue(current()), catalogues.GNUTranslations) else DEFAULT


@contextmanager
def use(language: str) -> Iterator[None]:
    """Speak `language` inside the block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str, **parameters: object) -> str:
    """`message` in the language in force, with its %(name)s places filled."""
    text = _catalogue(current()).gettext(message)
    return text % parameters if parameters else text


def form(singular: str, plural: str, number: int) -> str:
    """The form of a sentence that agrees with `number`, with its places left open."""
    return _catalogue(current()).ngettext(singular, plural, number)


def mark(message: str) -> str:
    """Names a sentence for the catalogue where it is declared, long before it is said."""
    return message
