"""A comment's text as a short tree, for programs that build their page of nodes and never parse HTML.

It is read from what `markup` has made and cleaned, so that nobody sees anything else than on our own pages.
"""

import re
from functools import lru_cache
from html import unescape
from typing import Literal, TypeAlias

import msgspec

from app.text import markup

Kind = Literal["paragraph", "quote", "list", "item", "code_block", "code", "strong", "em", "deleted", "link", "break"]
Content: TypeAlias = "list[Node | str]"


class Node(msgspec.Struct, omit_defaults=True):
    """A part of a text: what it is, and the parts and words in it, in order.

    `to`: the address that a link leads to. `start`: the first number of a numbered list; a list without one has
    bullets.
    """

    kind: Kind
    content: Content = []
    to: str | None = None
    start: int | None = None


_KINDS: dict[str, Kind] = {
    "p": "paragraph",
    "blockquote": "quote",
    "ul": "list",
    "ol": "list",
    "li": "item",
    "pre": "code_block",
    "code": "code",
    "strong": "strong",
    "em": "em",
    "del": "deleted",
    "a": "link",
    "br": "break",
}
# one tag, or the words up to the next
_TOKEN = re.compile(r'<(?P<end>/?)(?P<tag>[a-z]+)(?P<attributes>(?:[^>"]|"[^"]*")*)>|(?P<words>[^<]+)')
_ATTRIBUTE = re.compile(r'(href|start)="([^"]*)"')


@lru_cache(maxsize=markup.KEPT_TEXTS)
def of(text: str) -> Content:
    """The tree of a typed text: paragraphs, quotes, lists and blocks of code. Never raises. Not to be changed."""
    top: Content = []
    open_, in_code = [top], False
    for token in _TOKEN.finditer(markup.render(text)):
        tag = token["tag"]
        if tag is None:
            words = unescape(token["words"])
            # around blocks and breaks HTML has line breaks that are no words; in code they are
            if words := words if in_code else words.strip("\n"):
                open_[-1].append(words)
        elif tag == "code" and in_code:
            continue  # a block of code is one node, not two
        elif token["end"]:
            open_.pop()
            in_code = False
        else:
            node = _node(tag, token["attributes"])
            open_[-1].append(node)
            if tag != "br":
                open_.append(node.content)
            in_code = tag == "pre" or in_code
    return top


def _node(tag: str, attributes: str) -> Node:
    found = dict(_ATTRIBUTE.findall(attributes))
    start = int(found.get("start", 1)) if tag == "ol" else None
    return Node(_KINDS[tag], [], unescape(found["href"]) if "href" in found else None, start)
