"""HTML reads as it did where it comes from, and what people typed is not taken for it."""

import re
from html import escape

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.interchange.html import as_typed
from app.text import markup
from tests.support.exports import Bring, Reader, lines

HTML = {
    '<p>See <a href="https://example.com/">a plan</a></p>': '<p>See <a href="https://example.com/">a plan</a></p>',
    "It&#39;s &quot;so&quot; &amp; &lt;b&gt;": '<p>It\'s "so" &amp; &lt;b&gt;</p>',
    "a<br>b<br/>c": "<p>a<br>\nb<br>\nc</p>",
    "<p>one</p><p>two</p>": "<p>one</p>\n<p>two</p>",
    "<blockquote>said</blockquote>I answer": "<blockquote>\n<p>said</p>\n</blockquote>\n<p>I answer</p>",
    "<b>bold</b> and <i>slanted</i>": "<p><strong>bold</strong> and <em>slanted</em></p>",
    "un<b>believ</b>able": "<p>unbelievable</p>",
    "<ul><li>a</li><li>b</li></ul>": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "<ul><li>a<br>b</li><li>c</li></ul>": "<ul>\n<li>a<br>\nb</li>\n<li>c</li>\n</ul>",
    "2*3*4 and *no* mark_up_ [x](https://example.com/a_b)": (
        '<p>2*3*4 and *no* mark_up_ [x](<a href="https://example.com/a_b">https://example.com/a_b</a>)</p>'
    ),
    '<a href="https://example.com/very/long">https://example.com/ve…</a>': '<p><a href="https://example.com/very/long">https://example.com/very/long</a></p>',
    "one line\nand another, as WordPress keeps them": "<p>one line<br>\nand another, as WordPress keeps them</p>",
    "<p>one line\nof source</p>": "<p>one line of source</p>",
    "<script>alert(1)</script>seen": "<p>seen</p>",
    '<img src="https://example.com/c.png" alt="a cat">': '<p>a cat <a href="https://example.com/c.png">https://example.com/c.png</a></p>',
    "<pre><code>x = *a*\n  y</code></pre>": "<pre><code>x = *a*\n  y\n</code></pre>",
    '<a href="javascript:alert(1)">x</a>': "<p>x</p>",
    "x<sup>2</sup> + 10<sup>\u22123</sup>, e<sup>x</sup>, the 4<sup>th</sup>": "<p>x² + 10⁻³, eˣ, the 4ᵗʰ</p>",
    "2<sup>q</sup>, 2<sup>a/b</sup>, H<sub>2</sub>O, log<sub>B</sub>, y<sub>A, B</sub>": (
        "<p>2^q, 2^(a/b), H₂O, log_B, y_(A, B)</p>"
    ),
    "<table>\n<tr><td>a</td><td>b</td></tr>\n<tr><th>c<td>d</table>": "<p>a b<br>\nc d</p>",
    "she said <q>no</q>": '<p>she said "no"</p>',
    # as pasted from Word, and typed: browsers show nothing that HTML does not know
    "<![if !supportLists]>a<![endif]> and <![vml]>b": "<p>a and b</p>",
    "<b>said</b> <![ and that": "<p><strong>said</strong> &lt;![ and that</p>",
    "<center>a</center>b<section>c</section>d": "<p>a<br>\nb<br>\nc<br>\nd</p>",
    "<a href='https://e.example/(x'>w</a>": '<p><a href="https://e.example/%28x">w</a></p>',
    "<a href='https://e.example/a b)[c'>w</a>.": '<p><a href="https://e.example/a%20b%29%5Bc">w</a>.</p>',
    "<a href='https://e.example/“é”'>w</a>": '<p><a href="https://e.example/%E2%80%9Cé%E2%80%9D">w</a></p>',
    "<code>a<sub>B</sub></code>": "<p><code>aB</code></p>",
    "<a href='https://e.example/a_(b)'>w</a>": '<p><a href="https://e.example/a_(b)">w</a></p>',
    "<ul><li><p>a</p></li><li><div>b</div></li></ul>": "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>",
    "<ol><li><blockquote>a</blockquote></li></ol>b": ("<blockquote>\n<ol>\n<li>a</li>\n</ol>\n</blockquote>\n<p>b</p>"),
    "<ul><li>a<ul><li>b</li></ul></li><li></li></ul>c": (
        "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n<p>c</p>"
    ),
    "<b>Quay</b><b>side</b>, <i>a</i><i>b</i>": "<p><strong>Quayside</strong>, <em>ab</em></p>",
    "<strong>A</strong><em>B</em>C and <b><i>both</i></b>": "<p>ABC and <em><strong>both</strong></em></p>",
    "<b>Note: <i>x</i></b>; <i>a<br>b</i>": "<p><strong>Note: x</strong>; <em>a</em><br>\n<em>b</em></p>",
    "<i>*</i>not<i>*</i> *<wbr>so*": "<p>*not* *so*</p>",
    "<a href='https://e.example/a'>figure 2] of it</a>": '<p><a href="https://e.example/a">figure 2] of it</a></p>',
    "<a href=' https://e.example/a '>w</a>": '<p><a href="https://e.example/a">w</a></p>',
    "<a href='//e.example/b'>w</a>": '<p><a href="https://e.example/b">w</a></p>',
    "<a href='https://e.example/a.'>w</a>": '<p><a href="https://e.example/a%2E">w</a></p>',
    "<a href='/a'>one</a> <a href='#c'>two</a>": "<p>one (/a) two</p>",
    "<a href='https://e.example/a'>www.other.example</a>": (
        '<p><a href="http://www.other.example">www.other.example</a> '
        '(<a href="https://e.example/a">https://e.example/a</a>)</p>'
    ),
    "so<a href='https://e.example/a'></a>it is": (
        '<p>so <a href="https://e.example/a">https://e.example/a</a> it is</p>'
    ),
    "<code>`ls`</code>, <code>a`b</code>": "<p>`ls`, <code>a`b</code></p>",
    "<p>x</p><pre>\n```\ny</pre>": "<p>x</p>\n<pre><code>```\ny\n</code></pre>",
    "<pre>never closed": "<pre><code>never closed\n</code></pre>",
    "<blockquote><pre>a\nb</pre></blockquote>": (
        "<blockquote>\n<p><code>a</code><br>\n<code>b</code></p>\n</blockquote>"
    ),
    "<p>```</p><p>x</p><p>```</p>": "<p>```</p>\n<p>x</p>\n<p>```</p>",
}


def test_html_reads_as_it_did(bring: Bring) -> None:
    found = bring(lines(*({"id": n, "text": text} for n, text in enumerate(HTML))), "a.jsonl", html=True)
    shown = [markup.render(text).replace(' rel="nofollow ugc noopener"', "") for text in found.texts]
    assert (dict(zip(HTML, shown, strict=True)), found.refused) == (HTML, {})


ODD = ["quay", "2*3=6", "f**k", "*so*", "**b", "a_b_c", "_x_", "~~c~~", "`ls`", "don`t", "[1]", "](", "\\*", "AT&T"]
ODD += ["&amp;", "“so”", "(", ")", "!", ",", "?", "```", "€", "é"]
words = st.lists(st.sampled_from([*ODD, " "]), min_size=1, max_size=4).map("".join)
# what cannot be said as the words of a link
others = st.sampled_from(["https://example.com/a_b", "[x](https://example.com/a)", "www.example.com", "¯\\_(ツ)_/¯"])
told = st.one_of(words, words, others).map(lambda text: (escape(text), text))
bare = words.filter(str.strip).map(lambda text: (escape(text), text))
Html = st.SearchStrategy[tuple[str, str]]


def within(inside: Html, *tags: str) -> Html:
    """HTML and what is read of it: some of `inside`, in elements of one of `tags`."""

    def joined(tag: str, parts: list[tuple[str, str]]) -> tuple[str, str]:
        html, read = ("".join(each) for each in zip(*parts, strict=True))
        return f"<{tag}>{html}</{tag.split()[0]}>", read

    return st.builds(joined, st.sampled_from(tags), st.lists(inside, min_size=1, max_size=3))


def phrases(inside: Html) -> Html:
    return st.recursive(
        inside, lambda more: within(more, "b", "strong", "i", "em", "s", "del", "code", "u", "span"), max_leaves=5
    )


targets = ("https://example.com/a_(b)", "//example.com/a.")
# directly behind an address its words would be of that
links = (f'a href="{target}"' for target in targets)
linked = within(phrases(bare), *links).map(lambda link: (f" {link[0]}", link[1]))
flow = phrases(st.one_of(told, linked))
paragraphs = st.recursive(
    st.one_of(within(flow, "p", "div", "h3"), flow, within(told, "pre", "pre><code")),
    lambda more: st.one_of(
        within(more, "blockquote", "div"), within(st.one_of(within(more, "li"), within(flow, "li")), "ul", "ol")
    ),
    max_leaves=5,
)


@given(within(paragraphs, "div"))
@examples(max_examples=40)
def test_of_any_html_each_word_is_read_and_no_mark(written: tuple[str, str]) -> None:
    html, words = written
    # the numbers of a list stand in the text where it goes on below something else
    read = (re.sub(r"\d+\.|\s", "", text) for text in (markup.plain(as_typed(html)), words))
    assert next(read) == next(read), as_typed(html)


def test_what_looks_like_html_waits_for_the_operators_word(bring: Bring) -> None:
    texts = ["a<br>b", "It&#39;s", "<p>x</p>", "I <3 you & a<b>c", "if a < b and c > d; AT&T"]
    records = lines(*({"id": n, "text": text} for n, text in enumerate(texts)))
    assert bring(records, "a.jsonl").refused == dict.fromkeys((1, 2, 3, 4), "looks_like_html")
    found = bring(records, "a.jsonl", html=False)
    assert (sorted(found.texts), found.refused) == (sorted(texts), {})


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Gr&uuml;&szlig;e",
            "caf&eacute;",
            "5 &euro;",
            "&copy; Ann",
            "&laquo;so&raquo;",
            "a&NBSP;&nbsp;b",
            "&#X41;",
            "x&sup2;",
        ),
        *(
            "<s>no</s>",
            "<del>no</del>",
            '<font color="red">no</font>',
            "<table><tr><td>a",
            "a<hr>b",
            "a<HR />b",
            "x<sup>2",
            "<small>x",
        ),
        *(
            "<center>x",
            "<q>x",
            "a<wbr>b",
            "<h3 class=x>",
            "<ins>x",
            "<cite>x",
            "<dl>",
            "<!-- more -->",
            "<iframe src=x>",
        ),
    ],
)
def test_html_is_known_by_any_of_its_tags_and_names(read: Reader, text: str) -> None:
    assert read(lines({"id": 1, "text": text}), "a.jsonl").refused == {1: "looks_like_html"}


@pytest.mark.parametrize(
    "text",
    [
        "a < b",
        "a<b",
        "AT&T",
        "R&D; and Q&A;",
        "I <3 you",
        "<grin> <sigh>",
        "<- there ->",
        "a &co b",
        "&; &#; &#x;",
        "?a=1&copy=2",
        "&EACUTE;",
    ],
)
def test_what_people_type_is_no_html(read: Reader, text: str) -> None:
    assert read(lines({"id": 1, "text": text}), "a.jsonl").texts == [text]
