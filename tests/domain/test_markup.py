"""Whatever a reader types, the page stays ours."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import markup
from tests.support.endless import stopped_if_endless
from tests.support.vectors import VECTORS

ALLOWED = {"p", "br", "em", "strong", "del", "blockquote", "a", "ul", "ol", "li", "code", "pre"}


class Reader(HTMLParser):
    """Reads HTML as a browser does, and remembers what it would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment came through")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def assert_safe(html: str) -> None:
    for tag, attributes in read(html).tags:
        assert tag in ALLOWED
        if tag == "a":
            assert set(attributes) <= {"href", "rel"}
            assert attributes["rel"] == "nofollow ugc noopener"
            assert re.match(r"https?://", attributes.get("href") or "https://")
        elif tag == "ol":
            assert all(name == "start" and str(value).isdigit() for name, value in attributes.items())
        else:
            assert attributes == {}


@pytest.mark.parametrize("vector", [*VECTORS, "\x00<script\x00>alert(1)</script>"])
def test_no_attack_comes_through(vector: str) -> None:
    assert_safe(markup.render(vector))
    assert_safe(markup.render(f"> a *quote*\n\n- {vector}\n\n{vector} **and** {vector}"))


@given(st.text())
def test_any_text_at_all_is_rendered_safe(text: str) -> None:
    assert_safe(markup.render(text))


PIECES = [
    "<",
    ">",
    "[x](",
    ")",
    "javascript:",
    "&#x6a;",
    '"',
    "'",
    "`",
    "*",
    "_",
    "\n",
    "    ",
    "- ",
    "> ",
    "1. ",
    "http://",
]
PIECES += [
    "<script>",
    "onerror=",
    "<img src=",
    "<!--",
    "\x00",
    "\ufdd0",
    "\ud800",
    "# ",
    "![",
    "~~",
    "a@b.org",
    "\\",
    "<a ",
    # what stands for the target of a link while Markdown is read
    "%EF%B7%910%EF%B7%91",
    "http://a.example/?x=1&y=2 ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_heap_of_markup_is_rendered_safe(pieces: list[str]) -> None:
    assert_safe(markup.render("".join(pieces)))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*one* **two** ~~three~~", "<p><em>one</em> <strong>two</strong> <del>three</del></p>"),
        ("# Not a headline", "<p># Not a headline</p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("> said\n\nI", "<blockquote>\n<p>said</p>\n</blockquote>\n<p>I</p>"),
        ("2026. That was a year", '<ol start="2026">\n<li>That was a year</li>\n</ol>'),
        ("if a <b and c> d", "<p>if a &lt;b and c&gt; d</p>"),
        ("`a<b`", "<p><code>a&lt;b</code></p>"),
        (
            "![a cat](https://example.org/cat.png)",
            '<p>!<a href="https://example.org/cat.png" rel="nofollow ugc noopener">a cat</a></p>',
        ),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        (
            "<https://example.org/a>",
            '<p><a href="https://example.org/a" rel="nofollow ugc noopener">https://example.org/a</a></p>',
        ),
    ],
)
def test_the_subset(typed: str, shown: str) -> None:
    assert markup.render(typed) == shown


@pytest.mark.parametrize(
    "text",
    [
        ">" * 50_000,
        "> " * 25_000,
        "- " * 20_000 + "x",
        "*a " * 9_000 + "a* " * 9_000,
        "[" * 50_000,
        "*_" * 20_000 + "x" + "_*" * 20_000,
        "https://a.bc/(" * 4_000,
        "www." * 12_000,
        "https://" * 6_000,
        "https://a.bc/" + "a" * 50_000 + "@",
        "`a " * 17_000,
        "`" * 25_000 + "a" + "`" * 25_000,
        "[a" * 9_000 + "](https://a.bc)" * 2_000,
        "\n  ".join(["- a"] * 9_000),
        "```\n" * 12_000,
        "H" + "\u0301\u200d" * 25_000,
    ],
)
def test_deep_nesting_is_read_in_one_go(text: str) -> None:
    with stopped_if_endless():
        assert markup.render(text * 5)


def test_what_is_nested_too_deep_shows_as_it_was_typed() -> None:
    deep = "> " * 40 + "hello"
    assert read(markup.render(deep)).text == deep
    assert markup.render("> " * 10 + "hello").count("<blockquote>") == 10


@pytest.mark.parametrize("typed", ["&#x202E;evil", "&#8203;evil", "ev&#x2066;il", "&ZeroWidthSpace;evil"])
def test_an_entity_is_what_was_typed_and_no_deceiving_character(typed: str) -> None:
    assert markup.plain(typed) == typed


def test_a_deceiving_character_does_not_come_through_in_code() -> None:
    assert markup.plain("`\u202eevil`") == "evil"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("**fool**", "fool"),
        ("f**oo**l", "f**oo**l"),
        ("f&#111;&#x6f;l", "f&#111;&#x6f;l"),
        ("f\\_l", "f_l"),
        ("~~fo~~ ol", "fo ol"),
        ('# You\n\n- fool\n- & "so" on', '# You\n\nfool\n& "so" on'),
        ("[fool](https://example.org)", "fool"),
        ("a <b> c", "a <b> c"),
    ],
)
def test_plain_is_what_readers_see(typed: str, read: str) -> None:
    assert re.sub(r"\n+", "\n", markup.plain(typed)) == re.sub(r"\n+", "\n", read)
