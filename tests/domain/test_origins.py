"""One spelling for where pages live, the one that browsers send; what is no such place is refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import origins


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://paper.example", "https://paper.example"),
        ("https://paper.example/", "https://paper.example"),
        ("HTTPS://Paper.EXAMPLE", "https://paper.example"),
        (" https://paper.example ", "https://paper.example"),
        ("https://paper.example:443", "https://paper.example"),
        ("http://paper.example:80/", "http://paper.example"),
        ("https://paper.example:8443", "https://paper.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example/", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://[2001:DB8:0:0::1]:8443/", "https://[2001:db8::1]:8443"),
        ("https://paper.example.", "https://paper.example"),
    ],
)
def test_every_spelling_is_the_one_that_browsers_send(typed: str, origin: str) -> None:
    assert origins.parse(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "paper.example",
        "//paper.example",
        "ftp://paper.example",
        "javascript:alert(1)",
        "https://",
        "https:///stories",
        "https://paper.example/stories",
        "https://paper.example?a=1",
        "https://paper.example/?",
        "https://paper.example#top",
        "https://user@paper.example",
        "https://user:secret@paper.example",
        "https://paper.example:port",
        "https://paper.example:99999",
        "https://paper.example:0",
        "https://paper example",
        "https://paper..example",
        "https://[::1",
        "https://" + "a" * 70 + ".exämple" + "b" * 64,
        "https://*.paper.example",
    ],
)
def test_what_is_no_origin_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^(is no|must|names)"):
        origins.parse(typed)


@given(st.text())
def test_whatever_is_typed_is_an_origin_or_refused(typed: str) -> None:
    try:
        origin = origins.parse(typed)
    except ValueError:
        return
    assert origins.parse(origin) == origin
