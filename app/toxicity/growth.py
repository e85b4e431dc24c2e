"""What would make a text take far more work than its length says, and how it is kept within that.

A single character can stand for a phrase of eighteen letters, and the marks that are heaped on a letter are compared
each with each. A few such phrases are written in earnest, and no language puts many marks on a letter.
"""

import re
import unicodedata
from functools import cache
from itertools import count

MOST_PHRASES = 20
MOST_MARKS = 8
# a character that stands for more letters than these is a phrase
LONGEST_LETTERS = 3
# no character beyond is made of others, or is put on one
_LAST = 0x1FFFF


def bounded(text: str) -> str:
    """`text`, of which no more than so many characters are phrases, and each letter has no more than so many marks.

    Undoing what is composed then makes it at most LONGEST_LETTERS times as long, and MOST_PHRASES phrases longer.
    """
    if text.isascii():
        return text
    phrases, marks = _patterns()
    seen = count()
    text = phrases.sub(lambda phrase: phrase[0] if next(seen) < MOST_PHRASES else " ", text)
    return marks.sub(r"\1", text)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A phrase; and the marks that may be on a letter, with those that are too many."""
    every = [chr(code) for code in range(0x80, _LAST + 1)]
    phrases = [each for each in every if len(unicodedata.normalize("NFKC", each)) > LONGEST_LETTERS]
    mark = f"[{''.join(each for each in every if unicodedata.combining(each))}]"
    return re.compile(f"[{''.join(phrases)}]"), re.compile(f"({mark}{{{MOST_MARKS}}}){mark}++")
