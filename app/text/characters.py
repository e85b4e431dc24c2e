"""Which characters of a text do nothing but deceive or deface, and whether a text shows anything at all.

Joiners (200C, 200D) and direction marks (200E, 200F, 061C) stay, since Persian, Hebrew, Indic scripts and emoji are
written with them. What hides, or turns the line around for whatever follows it, has no such use; nor has a letter with
more marks than any script puts on one, which cover the lines above and below.
"""

import re
import unicodedata

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_DECEIVING = (
    re.compile(r"[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef]"),  # the invisible
    re.compile(r"[\u202a-\u202e\u2066-\u2069]"),  # embeddings, overrides and isolates
    # tags spell the flags of England, Scotland and Wales after a black flag, and hidden messages everywhere else
    re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+"),
)
MOST_MARKS = 6
# where there can be more: marks are neither ASCII nor \w
_MARKS = re.compile(rf"[^\x00-\x7f\w\s]{{{MOST_MARKS + 1},}}")
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNSEEN = ("C", "Z", "M")


def honest(text: str) -> str:
    """`text` without the characters that deceive."""
    text = _CONTROLS.sub("", text)
    if text.isascii():
        return text
    for deceiving in _DECEIVING:
        text = deceiving.sub("", text)
    return _MARKS.sub(_fewer, text)


def is_visible(text: str) -> bool:
    """Whether a reader would see anything."""
    return any(c not in _BLANK_LETTERS and unicodedata.category(c)[0] not in _UNSEEN for c in text)


def _fewer(run: re.Match[str]) -> str:
    """The characters of a run without the marks that are too many on what they stand on."""
    kept, marks = [], 0
    for c in run[0]:
        category = unicodedata.category(c)
        marks = marks + 1 if category in ("Mn", "Me") else marks if category == "Cf" else 0
        if marks <= MOST_MARKS:
            kept.append(c)
    return "".join(kept)
