"""Where the addresses in a typed text begin and end.

People write around an address as around any word: in quotes, in brackets, with a comma behind it. So it ends before
whatever could be theirs rather than the address's. Only what has a host with a dot is one, and none that names a
user, since `https://bank.example@evil.example` leads elsewhere than it seems to. Nor is one that leads nowhere: no
browser goes to the host `1.2.3.4.5`, to the port 99999 or to letters that no name of a host may have.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

import nh3

_START = re.compile(r"(?<![^\W_])https?://|(?<![\w.@/:-])(?=www\.)", re.IGNORECASE)
# the last part is of one kind, as every top-level domain: in "https://example.comを見て" it ends before the Japanese
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+(?:[a-z][a-z0-9-]*[a-z0-9]|[0-9]+|[^\W\d_a-z]+)", re.IGNORECASE)
_PORT = re.compile(r":[0-9]+")
_USER = re.compile(r"(?::[^\s/?#@]{0,64})?@")
_ENDING = frozenset('<>"\\^`{|}')
_CLOSING = {")": "(", "]": "["}
_LETTERS = ("L", "M", "N")
_JOINERS = "\u200c\u200d"
_PUNCTUATION = "?!.,:;'*_~([-"
# reads hosts as browsers do, and drops an address that leads nowhere, as `markup.ALLOWED` would from under its words
_ADDRESSES = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, link_rel=None)


class Address(NamedTuple):
    """An address in a text: where it stands, all that was typed of it, what is shown, and where it leads."""

    begin: int
    end: int
    typed: str
    shown: str
    target: str


def find(text: str) -> Iterator[Address]:
    """The addresses of `text` in order. Takes time linear in the text."""
    if "://" not in text and "www." not in text.lower():
        return
    at = 0
    while start := _START.search(text, at):
        host = _HOST.match(text, start.end())
        if host is None:
            at = max(start.end(), start.start() + 1)
            continue
        at = end = _end(text, host.end())
        if not _USER.match(text, host.end()):
            typed = text[start.start() : end]
            target = typed if start.group() else f"http://{typed}"
            angled = (
                bool(start.group()) and text[start.start() - 1 : start.start()] == "<" and text[end : end + 1] == ">"
            )
            if _leads_somewhere(target):
                yield Address(start.start() - angled, end + angled, f"<{typed}>" if angled else typed, typed, target)


def _leads_somewhere(target: str) -> bool:
    return "href" in _ADDRESSES.clean(f'<a href="{escape(target)}">')


def _end(text: str, host_end: int) -> int:
    """Where the address ends whose host ends at `host_end`."""
    port = _PORT.match(text, host_end)
    begin = port.end() if port else host_end
    if text[begin : begin + 1] not in ("/", "?", "#"):
        return begin
    path = text[begin : _first_foreign(text, begin)].rstrip(_PUNCTUATION)
    return begin + len(path.removesuffix("'s").rstrip(_PUNCTUATION))


def _first_foreign(text: str, begin: int) -> int:
    """The first place from `begin` on whose character no address has, or that closes what the address did not open."""
    opened: list[str] = []
    for place in range(begin, len(text)):
        c = text[place]
        if c in "([":
            opened.append(c)
        elif c in _CLOSING and opened and opened[-1] == _CLOSING[c]:
            opened.pop()
        elif c in _CLOSING or not _may_be_part(c):
            return place
    return len(text)


def _may_be_part(c: str) -> bool:
    if c.isascii():
        return c not in _ENDING and not c.isspace()
    return c in _JOINERS or unicodedata.category(c)[0] in _LETTERS
