"""Marks within a line of typed text, made into Markdown that means the same.

A mark that stands inside a word or between numbers (`f**k`, `2*3`, `don`t`) was not meant as one and is escaped, with
whatever else the renderer would take for more than people mean. What is left: emphasis, deletion, code and links.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

# stands before and after the number of an address while Markdown is read; a code point that no text may carry
PLACE = "\ufdd1"
_TARGET = re.compile(rf"\({PLACE}[0-9]+{PLACE}\)")
# what all marks begin with: most lines have none of it, and are looked through much faster for one class
_SPECIAL = re.compile(r"[\\*_`~\[\]&!]")
# the arm of ¯\_(ツ)_/¯ is no escape
_MARK = re.compile(r"(?<!¯)\\[*_`~\[\]]|`+|[*_]+|~+|[\[\]&\\]|!(?=\[)")
_BACKTICKS = re.compile("`+")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]},.;:!?\\")


class _Mark(NamedTuple):
    begin: int
    end: int
    text: str


def markdown(line: str, before: str = " ") -> str:
    """`line`, which follows the character `before`, as Markdown."""
    if not _SPECIAL.search(line):
        return line
    line = before + line
    marks = [_Mark(*found.span(), found[0]) for found in _MARK.finditer(line, len(before))]
    code = dict(_code_spans(line, marks))
    meant = {place for pair in (*_emphasis(line, marks), *_links(line, marks)) for place in pair}
    pieces, at = [], len(before)
    for mark in marks:
        if mark.begin < at:
            continue
        pieces.append(line[at : mark.begin])
        at = code.get(mark.begin, mark.end)
        keep = mark.begin in code or mark.begin in meant or _is_escape(mark)
        pieces.append(line[mark.begin : at] if keep else re.sub(r"(\S)", r"\\\1", mark.text))
    return "".join(pieces) + line[at:]


def _is_escape(mark: _Mark) -> bool:
    return mark.text[0] == "\\" and len(mark.text) == 2


def _sides(line: str, mark: _Mark) -> tuple[bool, bool]:
    """Whether something may begin with the mark, and whether something may end with it."""
    before, after = line[mark.begin - 1], line[mark.end : mark.end + 1] or " "
    opens = not after.isspace() and not before.isalnum() and before not in _CLOSING
    closes = not before.isspace() and not after.isalnum() and after not in _OPENING
    return opens, closes


def _code_spans(line: str, marks: list[_Mark]) -> Iterator[tuple[int, int]]:
    """Where code begins and ends: between two runs of as many backticks with no other such run within, at which the
    renderer would end it, and take what follows for marks.
    """
    waiting: dict[str, int] = {}
    for mark in marks:
        if mark.text[0] != "`":
            continue
        opens, closes = _sides(line, mark)
        begin = waiting.pop(mark.text, None)
        if closes and begin is not None and _ends_first(line, begin, mark):
            yield begin, mark.end
            waiting.clear()
        elif opens:
            waiting[mark.text] = mark.begin


def _ends_first(line: str, begin: int, mark: _Mark) -> bool:
    """Whether the renderer, too, ends there what begins with such a run at `begin`; in code it knows no escapes."""
    runs = _BACKTICKS.findall(line, begin + len(mark.text), mark.end)
    return runs.count(mark.text) == 1 and bool(runs[-1] == mark.text)


def _emphasis(line: str, marks: list[_Mark]) -> Iterator[tuple[int, int]]:
    """Where what is emphasised or deleted begins and ends: between two equal marks."""
    waiting: list[_Mark] = []
    number: Counter[str] = Counter()
    for mark in marks:
        if mark.text[0] not in "*_" and mark.text != "~~":
            continue
        opens, closes = _sides(line, mark)
        if opens and closes:  # as in "(*)", where it is neither
            opens, closes = line[mark.end] not in _CLOSING, line[mark.begin - 1] not in _OPENING
        if opens == closes:
            continue
        if opens:
            waiting.append(mark)
            number[mark.text] += 1
        elif number[mark.text]:
            while (begun := waiting.pop()).text != mark.text:
                number[begun.text] -= 1
            number[mark.text] -= 1
            yield begun.begin, mark.begin


def _links(line: str, marks: list[_Mark]) -> Iterator[tuple[int, int]]:
    """Where the words of a link begin and end. An address is no such words: it leads to itself."""
    waiting: list[int] = []
    for mark in marks:
        if mark.text == "[":
            waiting.append(mark.begin)
        elif mark.text == "]" and waiting:
            begin = waiting.pop()
            if _TARGET.match(line, mark.end) and _are_words(line, begin + 1, mark.begin):
                yield begin, mark.begin


def _are_words(line: str, begin: int, end: int) -> bool:
    words = line[begin:end]
    return PLACE not in words and "://" not in words and not words.isspace() and words != ""
