"""Which languages a text is in, as far as can be told: of one that it does not read, a scorer says nothing.

Where the detector is not installed (it has no wheel everywhere), and of texts of a few words, nothing can be told.
"""

from collections.abc import Collection

from app.toxicity import normaliser

try:
    import pycld2
except ImportError:
    pycld2 = None

# of a longer text, the beginning tells
MOST_CHARACTERS = 20_000
_UNKNOWN = "un"


def is_available() -> bool:
    """Whether there is a detector."""
    return pycld2 is not None


def found(text: str, reads: Collection[str] = ()) -> tuple[str, ...]:
    """Codes (ISO 639, as CLD2 has them) of the languages that `text` is surely in, the most of it first; or none.

    A text that looks foreign and is in one of `reads` once its disguises are undone only looked so.
    """
    text = text[:MOST_CHARACTERS]
    seen = _detected(text)
    if seen and set(seen) <= set(reads):
        return seen
    plain = _detected(normaliser.shipped()(text))
    return plain if plain and set(plain) <= set(reads) else seen or plain


def _detected(text: str) -> tuple[str, ...]:
    """What the detector says of any text: it refuses lone surrogates, and control characters with an error."""
    if pycld2 is None:
        return ()
    try:
        reliable, _, details = pycld2.detect(_utf8(text), isPlainText=True)
    except pycld2.error:
        return ()
    return tuple(code for _, code, percent, _ in details if reliable and percent and code != _UNKNOWN)


def _utf8(text: str) -> bytes:
    spaced = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return spaced.encode("utf-8", "replace")
