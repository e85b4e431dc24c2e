"""What a text must be to be a comment, and how two texts are seen to be the same one."""

import hashlib
import re
import unicodedata

from app.errors import Malformed
from app.language import mark
from app.text import characters, markup

NOT_TEXT = mark("This contains characters that are not text.")
EMPTY = mark("Please write something.")
TOO_LONG = mark("Please keep it under %(limit)s characters; this has %(length)s.")

_LINES = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*){2,}")


def clean(text: str, limit: int, *, field: str = "text") -> str:
    """The text as it is stored, of at most `limit` characters. Raises Malformed (422) that names the field."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("not_text", NOT_TEXT, field=field) from error
    text = characters.honest(_LINES.sub("\n", text))
    text = _BLANK_LINES.sub("\n\n", text).strip()
    if not characters.is_visible(text):
        raise Malformed("empty", EMPTY, field=field)
    if len(text) > limit:
        raise Malformed("too_long", TOO_LONG, field=field, limit=limit, length=len(text))
    return text


def comment(text: str, limit: int) -> str:
    """`clean` for a comment, which must also show something once its markup is rendered. Raises Malformed."""
    cleaned = clean(text, limit)
    if not characters.is_visible(markup.plain(cleaned)):
        raise Malformed("empty", EMPTY, field="text")
    return cleaned


def digest(text: str) -> str:
    """64 hexadecimal digits that are equal for texts that read alike: case, spacing and the invisible do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return hashlib.sha256(" ".join(seen.split()).encode()).hexdigest()
