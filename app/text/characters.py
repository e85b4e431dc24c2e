"""Which characters of a text do nothing but deceive, and whether a text shows anything at all.

Joiners (200C, 200D) and direction marks (200E, 200F, 061C) stay, since Persian, Hebrew, Indic scripts and emoji are
written with them. What hides, or turns the line around for whatever follows it, has no such use.
"""

import re
import unicodedata

_DECEIVING = (
    re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"),  # controls
    re.compile(r"[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef]"),  # the invisible
    re.compile(r"[\u202a-\u202e\u2066-\u2069]"),  # embeddings, overrides and isolates
    # tags spell the flags of England, Scotland and Wales after a black flag, and hidden messages everywhere else
    re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"),
)
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNSEEN = ("C", "Z", "M")


def honest(text: str) -> str:
    """`text` without the characters that deceive."""
    for deceiving in _DECEIVING:
        text = deceiving.sub("", text)
    return text


def is_visible(text: str) -> bool:
    """Whether a reader would see anything."""
    return any(c not in _BLANK_LETTERS and unicodedata.category(c)[0] not in _UNSEEN for c in text)
