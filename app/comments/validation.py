"""What a text must be to be a comment, and how two texts are seen to be the same one."""

import hashlib
import re
import unicodedata

from app.comments import markup
from app.errors import Malformed
from app.language import mark

NOT_TEXT = mark("This contains characters that are not text.")
EMPTY = mark("Please write something.")
TOO_LONG = mark("Please keep it under %(limit)s characters; this has %(length)s.")

# Joiners (200C, 200D) and direction marks (200E, 200F, 061C) stay, since Persian, Hebrew, Indic scripts and emoji are
# written with them. What hides characters or turns the line around for whatever follows it has no such use.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_HIDDEN = re.compile(r"[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef]")
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# tags spell the flags of England, Scotland and Wales after a black flag, and hidden messages everywhere else
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+")
_LINES = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*){2,}")
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNSEEN = ("C", "Z", "M")


def clean(text: str, limit: int, *, field: str = "text") -> str:
    """The text as it is stored, of at most `limit` characters. Raises Malformed (422) that names the field."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("not_text", NOT_TEXT, field=field) from error
    text = _LINES.sub("\n", text)
    for unwanted in (_CONTROLS, _HIDDEN, _TURNING, _TAGS):
        text = unwanted.sub("", text)
    text = _BLANK_LINES.sub("\n\n", text).strip()
    if not is_visible(text):
        raise Malformed("empty", EMPTY, field=field)
    if len(text) > limit:
        raise Malformed("too_long", TOO_LONG, field=field, limit=limit, length=len(text))
    return text


def comment(text: str, limit: int) -> str:
    """`clean` for a comment, which must also show something once its markup is rendered. Raises Malformed."""
    cleaned = clean(text, limit)
    if not is_visible(markup.visible(markup.render(cleaned))):
        raise Malformed("empty", EMPTY, field="text")
    return cleaned


def is_visible(text: str) -> bool:
    """Whether a reader would see anything at all."""
    return any(c not in _BLANK_LETTERS and unicodedata.category(c)[0] not in _UNSEEN for c in text)


def digest(text: str) -> str:
    """64 hexadecimal digits that are equal for texts that read alike: case, spacing and the invisible do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return hashlib.sha256(" ".join(seen.split()).encode()).hexdigest()
