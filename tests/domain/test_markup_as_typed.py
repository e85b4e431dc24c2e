"""What readers typed is what readers read: the text between the tags is theirs, but for the markup that they meant."""

import re
from html.parser import HTMLParser
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import markup

UNSEEN = re.compile(r"[\s*_~`>\\-]")


class AsRead(HTMLParser):
    """What a page shows of a comment, line by line: numbers of lists, and a dash for each bullet, among it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines = [""]
        self.numbers: list[int | None] = []
        self.code = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ol", "ul"):
            self.numbers.append(int(dict(attrs).get("start") or 1) if tag == "ol" else None)
        if tag in ("br", "li", "pre", "ul", "ol"):
            self.lines.append("")
        if tag == "li":
            number = self.numbers[-1]
            self.lines[-1] += "- " if number is None else f"{number}. "
            self.numbers[-1] = None if number is None else number + 1
        self.code = self.code or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self.numbers.pop()
        if tag in ("p", "li", "pre", "blockquote"):
            self.lines.append("")
        self.code = self.code and tag != "pre"

    def handle_data(self, data: str) -> None:
        first, *more = data.split("\n") if self.code else [data.replace("\n", "")]
        self.lines[-1] += first
        self.lines += more


def read(typed: str) -> list[str]:
    lines = AsRead(markup.render(typed)).lines
    return [re.sub(r"\s+", " ", line).strip() for line in lines if line.strip()]


ODD = [
    "2*3=6",
    "4*5=20",
    "f**k",
    "sh**t",
    "un*frigging*believable",
    "20~25",
    "30~35",
    "~",
    "~~~",
    "a_b_c",
    "snake_case",
    "don`t",
    "can`t",
    "`tis",
    "AT&T",
    "&amp;",
    "&#65;",
    "&",
    "<b>",
    "</p>",
    "<",
    "a<b",
    ">",
    "C:\\dir",
    "\\\\server",
    "\\",
    "¯\\_(ツ)_/¯",
    "(*)",
    "(**)",
    '"*"',
    "Price*",
    "[sic]",
    "[1]",
    "[",
    "]",
    "f(x)[i](j)",
    "[x](http:/account)",
    "[x](/a)",
    "[x]:",
    "!",
    "![x]",
    "#1",
    "#",
    "# 2",
    "---",
    "==",
    "+",
    "+1",
    "1)",
    "2.",
    "007.",
    "|",
    "$5",
    "100%",
    "'n'",
    "“so”",
    "…",
    "👍",
    "a*",
    "**",
    "~~c",
    "*",
    "_",
    "__",
    "- x",
    "> x",
    "x -",
    "http:",
    "https:account",
    "javascript:alert(1)",
    "%EF%B7%910%EF%B7%91",
]


@pytest.mark.parametrize("first", ODD)
def test_what_is_not_meant_as_markup_reads_as_typed(first: str) -> None:
    for second in ODD:
        for typed in (f"so {first} and {second} then", f"so {first} {second}", f"so {first}\nso {second}\nend"):
            assert read(typed) == typed.split("\n"), typed


@pytest.mark.parametrize(
    "typed",
    [
        "a\nb",
        "Roses are red,\nviolets are blue",
        "12 Quay Street\nHarbour\nHB1 2AB",
        "a  \nb",
        "a\\\nb",
        "a\n---\nb",
        "a\n===\nb",
        "---",
        "***",
        "# one",
        "###### six",
        "#### four ####",
        "1) one\n2) two",
        "5. five\n7. seven",
        "1. one\n1. one",
        "2026. That\n2026. This",
        "007. Bond",
        "1. one\n   1. within\n2. two",
        "1.",
        "-",
        "+ one",
        ">50% of voters",
        ">:(",
        ">_<",
        "~~~\ncode\n~~~",
        "```",
        "``` oh\nreally",
        "```sh\nnever closed",
        "[x]: https\nx",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "1986\\. A great",
        "10. Mai 2020\n11. Juni 2020",
        "- one\n- two",
        "- one\nafter\n- two\n  more\nafter",
        "1. one\nafter\n2. two\nafter",
        "3. three\n4. four",
        "*",
        "* * *",
        "_____",
    ],
)
def test_each_line_reads_as_a_line(typed: str) -> None:
    assert read(typed) == [re.sub(r"\s+", " ", line).strip() for line in typed.split("\n")]


def test_the_answer_to_a_quote_stands_outside_it() -> None:
    assert markup.render("> quoted\nmy answer") == "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>my answer</p>"
    nested = markup.render("> a\n>> b\n> c\nd")
    assert re.sub(r"\s", "", nested) == (
        "<blockquote><p>a</p><blockquote><p>b</p></blockquote><p>c</p></blockquote><p>d</p>"
    )


def test_a_line_below_a_list_stands_outside_it_unless_it_is_indented() -> None:
    assert markup.render("- a\nb\n- c") == "<ul>\n<li>a</li>\n</ul>\n<p>b</p>\n<ul>\n<li>c</li>\n</ul>"
    assert markup.render("1. a\nb\n2. c") == '<ol>\n<li>a</li>\n</ol>\n<p>b</p>\n<ol start="2">\n<li>c</li>\n</ol>'
    assert markup.render("> - a\n> b") == "<blockquote>\n<ul>\n<li>a</li>\n</ul>\n<p>b</p>\n</blockquote>"
    assert markup.render("- a\n  b\n- c") == "<ul>\n<li>a<br>\nb</li>\n<li>c</li>\n</ul>"
    assert markup.render("a\n2. b") == "<p>a<br>\n2. b</p>"


def test_a_list_keeps_its_levels() -> None:
    html = markup.render("- a\n  - b\n      - c\n- d")
    assert html.count("<ul>") == 3
    assert markup.render("    - a\n    - b").count("<ul>") == 1


def test_a_link_whose_words_are_another_address_is_none() -> None:
    html = markup.render("[https://bank.example](https://evil.example)")
    assert read("[https://bank.example](https://evil.example)") == ["[https://bank.example](https://evil.example)"]
    assert re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', html) == [
        ("https://bank.example",) * 2,
        ("https://evil.example",) * 2,
    ]
    # no address by our rules, but to a reader
    assert read("[xhttps://bank.example](https://evil.example)") == ["[xhttps://bank.example](https://evil.example)"]


@pytest.mark.parametrize(
    "target",
    [
        "http:/account",
        "https:account",
        "http:///x",
        "javascript:alert(1)",
        "/account",
        "https://bank.example@evil.example",
        "https:\\\\evil.example",
        "data:,x",
        "https://a.example\\@evil.example",
        "JAVASCRIPT:x",
        "&#106;avascript:x",
        "java\tscript:x",
        "<javascript:x>",
        "//evil.example",
        "mailto:a@b.example",
        "#",
        "",
    ],
)
def test_what_is_no_address_is_no_target(target: str) -> None:
    assert 'href="' not in markup.render(f"[x]({target})").replace('href="https://a.example"', "")
    assert read(f"[x]({target})") == [re.sub(r"\s", " ", f"[x]({target})")]


@pytest.mark.parametrize("length", range(1, 6))
def test_what_follows_code_is_no_link_unless_it_was_meant(length: int) -> None:
    for pieces in product(("`a`", "`", "``", "\\`", "[x](", ")"), repeat=length):
        text = "".join(pieces)
        if "```" not in text:
            assert UNSEEN.sub("", "".join(read(text))) == UNSEEN.sub("", text), text
            assert "<a" not in markup.render(text), text
    bank = "`a`[https://bank.example](https://evil.example)`"
    assert re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', markup.render(bank)) == [
        ("https://bank.example",) * 2,
        ("https://evil.example",) * 2,
    ]


words = st.sampled_from([odd for odd in ODD if odd not in ("*", "**", "_", "__", "~~")] + ["plain", "words", "here"])
phrases = st.lists(st.sampled_from(["plain", "2*3=6", "don`t", "a_b", "AT&T", "<b>", "…"]), min_size=1, max_size=3).map(
    " ".join
)
address = st.sampled_from(
    ["https://example.com/a_b", "https://example.com/wiki/X_(y)?a=1&b=*2*z", "http://example.com"]
)
# what is typed, and what is read of it
pieces = st.one_of(
    words.map(lambda word: (word, word)),
    st.tuples(st.sampled_from(["*", "**", "_", "__", "~~", "***"]), phrases).map(lambda p: (p[0] + p[1] + p[0], p[1])),
    phrases.map(lambda phrase: (f"`{phrase.replace('`', '')}`", phrase.replace("`", ""))),
    st.tuples(phrases, address).map(lambda p: (f"[{p[0]}]({p[1]})", p[0])),
    address.map(lambda link: (link, link)),
)
sentences = st.lists(pieces, min_size=1, max_size=5).map(
    lambda found: tuple("so " + " ".join(each) for each in zip(*found, strict=True))
)
lines = st.one_of(
    sentences,
    sentences.map(lambda line: (f"> {line[0]}", line[1])),
    sentences.map(lambda line: (f"- {line[0]}", f"- {line[1]}")),
    st.tuples(st.integers(0, 12), sentences).map(lambda n: (f"{n[0]}. {n[1][0]}", f"{n[0]}. {n[1][1]}")),
    st.just(("", "")),
)


@given(st.lists(lines, min_size=1, max_size=8))
def test_only_the_markup_that_was_meant_is_not_read(typed: list[tuple[str, str]]) -> None:
    text = "\n".join(line for line, _ in typed)
    assert read(text) == [shown for _, shown in typed if shown], text


@given(st.text(alphabet="ab1.) \n*_~`>\\-+#[]()!&;<=|'\"é…", max_size=80))
def test_of_anything_at_all_nothing_is_lost_but_marks(text: str) -> None:
    if "```" not in text:  # the language of a block of code is not shown
        assert UNSEEN.sub("", "".join(read(text))) == UNSEEN.sub("", text)
