"""A subset of Markdown, rendered safe: paragraphs, lines, emphasis, quotes, lists, code and links, and nothing else.

What readers typed is what readers read: before the renderer sees a text, everything in it that was not meant as markup
is escaped (`blocks`, `inline`), and numbers stand in for its addresses, since where they end is ours to say (`links`).

Two walls: no `<` of the reader's ever reaches the renderer, so raw HTML shows as the text that was typed; and what
comes out passes an allowlist of tags, whatever the renderer did. The allowlist's parser takes seconds on thousands of
nested tags, so what is nested deeper than anyone reads shows as typed.
"""

import re
from functools import lru_cache
from html import escape, unescape

import cmarkgfm
import nh3
from cmarkgfm.cmark import Options

from app.text import blocks, characters, links
from app.text.inline import PLACE
from app.text.links import Address

DEEPEST_TAGS = 30
# rendered comments that a process keeps: those of the hottest pages, in a few MB
KEPT_TEXTS = 1024
ALLOWED = nh3.Cleaner(
    tags={"p", "br", "em", "strong", "del", "blockquote", "a", "ul", "ol", "li", "code", "pre"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="nofollow ugc noopener",
)
OPTIONS = Options.CMARK_OPT_HARDBREAKS | Options.CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE

# stands for "<" while Markdown is read; a code point that no text may carry
_LESS = "\ufdd0"
_PLACE = re.compile(rf"{PLACE}([0-9]+){PLACE}")
# as the renderer writes it where a link leads; a reader who types the same writes no quotation mark that is not escaped
_PLACE_IN_TARGET = re.compile(r'(?<=<a href=")%EF%B7%91([0-9]+)%EF%B7%91(?=")')
_CODE = re.compile(r"(<code>.*?</code>)", re.DOTALL)
_TAG = re.compile(r"<(/?)[a-z]+[^>]*?(/?)>")


@lru_cache(maxsize=KEPT_TEXTS)
def render(text: str) -> str:
    """The HTML of a comment, safe to put into a page. Never raises, and takes time linear in the text."""
    text = characters.honest(text.encode(errors="replace").decode())
    html = _markdown(text)
    if _depth(html) > DEEPEST_TAGS:
        html = _as_typed(text)
    return ALLOWED.clean(html).strip()


def plain(text: str) -> str:
    """What readers see of a comment, without markup: "**fool**" reads "fool"."""
    return unescape(_TAG.sub("", render(text))).strip()


def _markdown(text: str) -> str:
    addresses = list(links.find(text))
    marked = blocks.markdown(_numbered(text, addresses).replace("<", _LESS))
    html: str = cmarkgfm.markdown_to_html_with_extensions(marked, options=OPTIONS, extensions=["strikethrough"])
    html = _PLACE_IN_TARGET.sub(lambda place: escape(addresses[int(place[1])].target), html)
    parts = _CODE.split(html)
    parts[0::2] = [_PLACE.sub(lambda place: _link(addresses[int(place[1])]), part) for part in parts[0::2]]
    parts[1::2] = [_PLACE.sub(lambda place: escape(addresses[int(place[1])].typed), part) for part in parts[1::2]]
    return "".join(parts).replace(_LESS, "&lt;")


def _numbered(text: str, addresses: list[Address]) -> str:
    """`text` with the number of each address in its place."""
    pieces, at = [], 0
    for number, address in enumerate(addresses):
        pieces += [text[at : address.begin], f"{PLACE}{number}{PLACE}"]
        at = address.end
    return "".join(pieces) + text[at:]


def _link(address: Address) -> str:
    return f'<a href="{escape(address.target)}">{escape(address.shown)}</a>'


def _depth(html: str) -> int:
    depth = deepest = 0
    for closing, alone in _TAG.findall(html):
        if not alone:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def _as_typed(text: str) -> str:
    return "<p>" + escape(text).replace("\n", "<br>") + "</p>"
