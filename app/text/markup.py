"""A subset of Markdown, rendered safe: paragraphs, emphasis, quotes, lists, code and links, and nothing else.

Two walls: no `<` of the reader's ever reaches the renderer, so raw HTML shows as the text that was typed; and what
comes out passes an allowlist of tags, whatever the renderer did. The allowlist's parser takes seconds on thousands of
nested tags, so what is nested deeper than anyone reads shows as typed.
"""

import re
from functools import lru_cache
from html import escape, unescape

import cmarkgfm
import nh3

from app.text import characters

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

# stands for "<" while Markdown is read; a code point that no text may carry
_LESS = "\ufdd0"
_LESS_IN_ADDRESS = "%EF%B7%90"
_RAW = re.compile(r"<(?!https?://)")
_NOWHERE = re.compile(r'<a href="">')
_HEADING = re.compile(r"<(/?)h[1-6]>")
_IMAGE = re.compile(r'<img src="[^"]*" alt="([^"]*)"[^>]*>')
_TAG = re.compile(r"<(/?)[a-z]+[^>]*?(/?)>")


@lru_cache(maxsize=KEPT_TEXTS)
def render(text: str) -> str:
    """The HTML of a comment, safe to put into a page. Never raises, and takes time linear in the text."""
    html = _markdown(_without_surrogates(text))
    if _depth(html) > DEEPEST_TAGS:
        html = _as_typed(_without_surrogates(text))
    return characters.honest(ALLOWED.clean(html)).strip()  # a reader can also spell a character as an entity


def plain(text: str) -> str:
    """What readers see of a comment, without markup: "f**oo**l" and "f&#111;ol" both read "fool"."""
    return unescape(_TAG.sub("", render(text))).strip()


def _markdown(text: str) -> str:
    marked = _RAW.sub(_LESS, text.replace(_LESS, ""))
    html: str = cmarkgfm.markdown_to_html_with_extensions(marked, extensions=["strikethrough", "autolink"])
    html = _HEADING.sub(r"<\1p>", html)
    html = _IMAGE.sub(r"\1", html)
    html = _NOWHERE.sub("", html)
    return html.replace(_LESS, "&lt;").replace(_LESS_IN_ADDRESS, "%3C")


def _depth(html: str) -> int:
    depth = deepest = 0
    for closing, alone in _TAG.findall(html):
        if not alone:
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


def _as_typed(text: str) -> str:
    return "<p>" + escape(text).replace("\n", "<br>") + "</p>"


def _without_surrogates(text: str) -> str:
    return text.encode(errors="replace").decode()
