"""A text's tree: it shows what the HTML shows, and nothing in it is HTML."""

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import markup, tree
from app.text.tree import Content, Node

ADDRESS = "https://paper.example/a?b=1&c=2"
PIECES = ["a", "word ", "**", "*", "_", "~~", "`", "```\n", "\n", "\n\n", "> ", "- ", "  - ", "1. ", "2. ", "[x](", ")",
          "<b>", ADDRESS, "\\", "&lt;", "<", ">", '"', "#", "…"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
TAGS = {kind: tag for tag, kind in tree._KINDS.items()}


def words(content: Content) -> str:
    return "".join(part if isinstance(part, str) else words(part.content) for part in content)


def html(content: Content) -> str:
    return "".join(escape(part) if isinstance(part, str) else element(part) for part in content)


def element(node: Node) -> str:
    if node.kind == "break":
        return "<br>"
    inside = html(node.content)
    if node.kind == "code_block":
        return f"<pre><code>{inside}</code></pre>"
    if node.kind == "list":
        numbered = "" if node.start in (None, 1) else f' start="{node.start}"'
        return f"<ol{numbered}>{inside}</ol>" if node.start is not None else f"<ul>{inside}</ul>"
    link = f' href="{escape(node.to)}" rel="nofollow ugc noopener"' if node.to else ""
    return f"<{TAGS[node.kind]}{link}>{inside}</{TAGS[node.kind]}>"


def flat(rendered: str) -> str:
    """HTML without the line breaks between blocks, and with quotes in words as our own escape has them."""
    blocks = re.sub(r"\n?(</?(?:p|ul|ol|li|blockquote)(?: start=\"[0-9]+\")?>|<br>)\n?", r"\1", rendered)
    return re.sub(r">([^<]*)<", lambda each: ">" + each[1].replace('"', "&quot;").replace("'", "&#x27;") + "<", blocks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", [Node("paragraph", ["a", Node("break"), "b"])]),
        ("*a* **b**", [Node("paragraph", [Node("em", ["a"]), " ", Node("strong", ["b"])])]),
        ("~~c~~ `d<e>`", [Node("paragraph", [Node("deleted", ["c"]), " ", Node("code", ["d<e>"])])]),
        ("> a", [Node("quote", [Node("paragraph", ["a"])])]),
        ("- a\n- b", [Node("list", [Node("item", ["a"]), Node("item", ["b"])])]),
        ("- a\nb", [Node("list", [Node("item", ["a"])]), Node("paragraph", ["b"])]),
        ("- a\n  b", [Node("list", [Node("item", ["a", Node("break"), "b"])])]),
        ("1. a", [Node("list", [Node("item", ["a"])], start=1)]),
        ("3. a", [Node("list", [Node("item", ["a"])], start=3)]),
        ("```\na\n\n b\n```", [Node("code_block", ["a\n\n b\n"])]),
        (ADDRESS, [Node("paragraph", [Node("link", [ADDRESS], to=ADDRESS)])]),
        ("<script>alert(1)</script>", [Node("paragraph", ["<script>alert(1)</script>"])]),
        ("[x](javascript:alert(1))", [Node("paragraph", ["[x](javascript:alert(1))"])]),
        ("", []),
    ],
)  # fmt: skip
def test_a_text_as_a_tree(text: str, expected: Content) -> None:
    assert tree.of(text) == expected


@given(TEXTS)
def test_it_shows_what_the_html_shows(text: str) -> None:
    assert flat(html(tree.of(text))) == flat(markup.render(text))


@given(st.text(max_size=200))
def test_whatever_is_typed_it_holds_no_other_words(text: str) -> None:
    assert "".join(words(tree.of(text)).split()) == "".join(markup.plain(text).split())


@given(TEXTS)
def test_a_link_leads_to_the_web(text: str) -> None:
    def links(content: Content) -> list[str]:
        nodes = [part for part in content if isinstance(part, Node)]
        return [node.to for node in nodes if node.to] + [to for node in nodes for to in links(node.content)]

    assert all(re.match(r"https?://", to) for to in links(tree.of(text)))
