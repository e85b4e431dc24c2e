"""What a reader sees of the HTML that a client sends, and where each letter of it stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.perspective.texts import seen

pieces = st.sampled_from(
    ["<p>", "</p>", "<b>", "<script>", "</script>", "<!--", "-->", "<", ">", "&amp;", "&#x41;", "&", "a"]
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("You idiot", "You idiot"),
        ("You <b>id</b>iot", "You idiot"),
        ("id<!-- x -->iot", "idiot"),
        ("One<br>two<BR/>three", "One\ntwo\nthree"),
        ("<p>One</p><P class='x'>Two</P>", "\nOne\n\nTwo\n"),
        ("<prose>id</prose>iot", "idiot"),
        ("AT&amp;T &lt;b&gt; &#105;&#x64;iot &eacute;", "AT&T <b> idiot é"),
        ("1 < 2 && 3 > 2 & so on", "1 < 2 && 3 > 2 & so on"),
        ("<script>var x = '<p>';</script>Hello<style>p {}</style>", "Hello"),
        ("<SCRIPT>x</Script >Hello", "Hello"),
        ("<script>never ended", ""),
        # never closed, so it may be seen and must be scored
        ("You <b idiot", "You <b idiot"),
        ("You <!-- idiot", "You <!-- idiot"),
        ("<!DOCTYPE html>Hello", "Hello"),
        ("", ""),
    ],
)
def test_a_reader_sees_the_text(html: str, text: str) -> None:
    assert seen(html).text == text


@given(st.lists(pieces | st.text(max_size=3), max_size=12).map("".join))
def test_every_letter_has_a_place_in_what_was_sent_in_order(html: str) -> None:
    found = seen(html)
    assert len(found.origins) == len(found.text) + 1
    assert list(found.origins) == sorted(found.origins)
    assert found.origins[-1] == len(html)
    for letter, origin in zip(found.text, found.origins, strict=False):
        assert html[origin] == letter or html[origin] in "&<"
