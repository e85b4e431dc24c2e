"""Lines as people type them, made into Markdown that means the same: quotes, lists and code, and nothing else.

The renderer knows more than people mean: headlines, rules, code by indentation, quotes and items that go on below
themselves, a list that counts for itself. Whatever would do more than we offer, or show another number than was typed,
is escaped. In numbered lists that is each number but the next one; they are not nested. A line that is not indented
stands outside the list above it, whose numbers may go on below.
"""

import re
from collections.abc import Iterator

from app.text import inline

# not ">50%", ">:(" or ">_<"
_QUOTES = re.compile(rf"\s*((?:>(?=[ >\"“„«{inline.PLACE}]|[^\W\d_]|$) ?)*)")
_BULLET = re.compile(r"[-*] +(?=\S)")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})\. +(?=\S)")
_RULE = re.compile(r"[-=*_+\s]+")
_FENCE = re.compile(r"(`{3,})(\w*)")
_LEADING = re.compile(r"(\d*)([#+\->=.)])")


def markdown(text: str) -> str:
    """`text`, in which no `<` may stand, as Markdown. Takes time linear in the text."""
    return "\n".join(_Reading(text.split("\n")).lines())


class _Reading:
    """What is open where we are in the text: quotes, a list with the bullets nested in it, code."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.expandtabs(4).rstrip() for line in lines]
        self._closable = _longest_fence_below(self._lines)
        self._quotes = 0
        self._after_blank = True
        self._number: int | None = None
        # of each bullet or number that is open: its own indentation as typed, and that of what is nested in it
        self._items: list[tuple[int, int]] = []

    def lines(self) -> Iterator[str]:
        fence = ""
        for line, closable in zip(self._lines, self._closable, strict=True):
            marker = _FENCE.fullmatch(line.lstrip())
            if fence:
                closes = marker is not None and marker[1].startswith(fence) and not marker[2]
                yield fence if closes else line
                fence = "" if closes else fence
            elif marker and len(marker[1]) <= closable:
                fence, self._quotes = marker[1], 0
                self._close_list()
                yield fence
            else:
                yield from self._line(line)

    def _line(self, line: str) -> Iterator[str]:
        quotes = _QUOTES.match(line)
        assert quotes is not None  # it matches the empty string
        depth, words = quotes[1].count(">"), line[quotes.end() :]
        if depth < self._quotes and words and not self._after_blank:
            yield "> " * depth  # or the quote would go on
        if words:
            self._enter(depth)
        for typed in self._words(words if depth else line) if words else ("",):
            yield "> " * depth + typed
        self._after_blank = not words

    def _enter(self, depth: int) -> None:
        if depth != self._quotes:
            self._close_list()
        self._quotes = depth

    def _close_list(self) -> None:
        self._items, self._number = [], None

    def _words(self, line: str) -> Iterator[str]:
        words = line.lstrip()
        indent = len(line) - len(words)
        bullet, number = _BULLET.match(words), _NUMBER.match(words)
        if bullet and not _RULE.fullmatch(words):
            yield self._item(indent, bullet[0], words[bullet.end() :])
        elif number and indent < 2 and self._number in (None, int(number[1]) - 1):
            if self._number is not None and not self._items:
                yield ""  # or the line above would go on
            self._number = int(number[1])
            yield self._item(0, number[0], words[number.end() :])
        else:
            if self._after_blank:
                self._close_list()
            elif self._items and not indent:
                self._items = []
                yield ""  # or the item would go on
            yield _unmarked(words)

    def _item(self, indent: int, marker: str, words: str) -> str:
        while self._items and indent < self._items[-1][0] + 2:
            self._items.pop()
        inside = self._items[-1][1] if self._items else 0
        marker = marker.rstrip() + " "
        self._items.append((indent, inside + len(marker)))
        return " " * inside + marker + _unmarked(words)


def _unmarked(words: str) -> str:
    """`words` that begin no block."""
    if _RULE.fullmatch(words):
        return re.sub(r"(\S)", r"\\\1", words)
    leading = _LEADING.match(words)
    if leading is None:
        return inline.markdown(words)
    return f"{leading[1]}\\{leading[2]}" + inline.markdown(words[leading.end() :], words[leading.end() - 1])


def _longest_fence_below(lines: list[str]) -> list[int]:
    """For each line the most backticks that a line below it consists of."""
    found, most = [], 0
    for line in reversed(lines):
        found.append(most)
        stripped = line.strip()
        if stripped and not stripped.strip("`"):
            most = max(most, len(stripped))
    return found[::-1]
