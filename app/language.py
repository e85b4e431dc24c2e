"""Every sentence a person reads goes through `_`, in the language of the request, the letter or the statement.

That is the language that the log-in of the paper's own site says a reader's is, if there is a catalogue of it, and else
the one of the house (policy.toml). Catalogues are app/locale/<language>/LC_MESSAGES/messages.po; English is what stands
in the programs.
"""

import gettext as catalogues
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DEFAULT = "en"

_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


class _Translations(catalogues.GNUTranslations):
    """What Python 3.11.2 does not do, and later ones do: a sentence that has a plural, too, is found by itself."""

    def gettext(self, message: str) -> str:
        text = super().gettext(message)
        return text if text != message else self.ngettext(message, message, 1)


@cache
def languages() -> frozenset[str]:
    """All that we speak."""
    return frozenset({DEFAULT, *(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/messages.po"))})


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    """What the translators wrote, read as it lies there: nothing is compiled that could be older."""
    if language == DEFAULT:
        return catalogues.NullTranslations()
    # it takes longer than most commands, which speak English
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as written:
        write_mo(compiled, read_po(written))
    compiled.seek(0)
    return _Translations(compiled)


def current() -> str:
    """The language in force, as a BCP 47 tag: one that we speak."""
    return _current.get()


@contextmanager
def use(*wanted: str | None) -> Iterator[None]:
    """Speak the first of these languages that we can inside the block; English if it is none."""
    token = _current.set(next((language for language in wanted if language in languages()), DEFAULT))
    try:
        yield
    finally:
        _current.reset(token)


def _(message: str, **parameters: object) -> str:
    """`message` in the language in force, with its %(name)s places filled."""
    text = _catalogue(current()).gettext(message)
    return text % parameters if parameters else text


def everywhere(message: str) -> frozenset[str]:
    """`message` in every language that we speak, with its places left open."""
    return frozenset(_catalogue(language).gettext(message) for language in languages())


def form(singular: str, plural: str, number: int) -> str:
    """The form of a sentence that agrees with `number`, with its places left open."""
    return _catalogue(current()).ngettext(singular, plural, number)


def mark(message: str) -> str:
    """Names a sentence for the catalogue where it is declared, long before it is said."""
    return message
