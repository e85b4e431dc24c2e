"""The text that a client sends, as the scorer reads it: checked, and of HTML what a reader would see."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.perspective import errors
from app.perspective.contract import TextEntry

MOST_BYTES = 20_480
# what begins another line; every other tag leaves the letters on its two sides together
_BLOCKS = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|div|fieldset|figcaption|figure|footer|form|h[1-6r]|header|li|main|nav|[ou]l|p|pre"
    "|section|table|t[dhr]"
)
_HIDDEN = frozenset({"script", "style", "template", "title"})
_MARKUP = re.compile(r"<!--|</?([a-zA-Z][^\s/<>]*)|<[!?]|&#?\w{1,32};?")


@dataclass(frozen=True)
class Readable:
    """The text to score. Its character `i` was at `origins[i]` in what was sent; the last origin is the end of that."""

    text: str
    origins: Sequence[int]


def readable(entry: TextEntry | None) -> Readable:
    """The text of a comment. Raises ApiError: 400 COMMENT_EMPTY, or COMMENT_TOO_LONG over MOST_BYTES of UTF-8."""
    sent = (entry.text if entry else None) or ""
    size = len(sent.encode())
    if size > MOST_BYTES:
        why = f"Comment text was too many bytes. Value ({size}) exceeded limit ({MOST_BYTES})."
        raise errors.invalid(why, "COMMENT_TOO_LONG")
    found = seen(sent) if entry and entry.type == "HTML" else Readable(sent, range(len(sent) + 1))
    if not found.text.strip():
        raise errors.invalid("Comment must be non-empty.", "COMMENT_EMPTY")
    return found


def seen(source: str) -> Readable:
    """What a reader of this HTML sees, roughly: no tags, comments and scripts, entities resolved."""
    pieces: list[str] = []
    origins: list[int] = []
    missing: set[str] = set()
    at = 0
    while at < len(source):
        markup = _MARKUP.search(source, at)
        start = markup.start() if markup else len(source)
        pieces.append(source[at:start])
        origins.extend(range(at, start))
        if markup is None:
            break
        at, shown = _after(source, markup, missing)
        pieces.append(shown)
        origins.extend([start] * len(shown))
    return Readable("".join(pieces), [*origins, len(source)])


def _after(source: str, markup: "re.Match[str]", missing: set[str]) -> tuple[int, str]:
    """Where the text goes on after a piece of markup, and what is seen of it.

    What ends no markup from here on is `missing`, and is added to it: it is looked for once, not from each beginning.
    """
    if markup[0].startswith("&"):
        return markup.end(), html.unescape(markup[0])
    name = (markup[1] or "").lower()
    end = "-->" if markup[0] == "<!--" else ">"
    if name in _HIDDEN and not markup[0].startswith("</"):
        # its own end tag is read as any other
        hidden = re.compile(f"</{name}", re.IGNORECASE).search(source, markup.end())
        return (hidden.start() if hidden else len(source)), ""
    closed = -1 if end in missing else source.find(end, markup.end())
    if closed < 0:
        missing.add(end)
        return markup.end(), markup[0]  # never closed, so a reader may see it
    return closed + len(end), "\n" if _BLOCKS.fullmatch(name) else ""
