"""The address of a link holds what was meant as one, and nothing that stands behind or around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import markup
from app.text.links import find

ADDRESSES = [
    "https://example.com",
    "http://example.com/",
    "HTTPS://Example.COM/Plan",
    "https://example.com:8080/plan",
    "https://example.com/plan",
    "https://example.com/a-b_c~d/e.html",
    "https://example.com/?q=a&b=c%20d#part",
    "https://example.com/wiki/Harbour_(town)",
    "https://example.com/?a[]=1&a[]=2",
    "https://example.com/wiki/Murphy's_law",
    "https://example.com/compare/v1...v2",
    "https://web.archive.example/2020/https://example.com/a",
    "https://bücher.example/straße",
    "https://例え.テスト/計画",
    "https://xn--bcher-kva.example/",
    "https://hi.example.org/wiki/हिन्दी",
    "http://192.0.2.7/a",
]
BEFORE = ["", " ", "“", '"', "'", "(", "[", "（", "「", "see:", "—", "*", "_", "~~", ">", "«", "👍", "見て、"]
BEHIND = [
    "",
    " ",
    "”",
    '"',
    "'",
    "’",
    "…",
    "...",
    "—",
    "–",
    ",",
    ".",
    ":",
    ";",
    "!",
    "?",
    ")",
    "]",
    "）",
    "」",
    "。",
    "、",
    "<",
    ">",
    "<b>",
    "👍",
    "❤️",
    "*",
    "**",
    "_",
    "~~",
    "’s",
    "'s",
    "’s plan",
    "!?",
    ".)",
    "”.",
    ").",
    "»",
    "\\",
    "`",
    "|",
    "\n",
    "\u3000",
    "\u00a0next",
    "→",
    "）。",
    "…”",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_ends_before_what_is_not_part_of_it(address: str) -> None:
    for before in BEFORE:
        for behind in BEHIND:
            (found,) = find(before + address + behind)
            assert (found.shown, found.target) == (address, address), (before, behind)
            assert (before + address + behind)[found.begin : found.end] == found.typed


@given(st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=4), st.data())
def test_each_of_several_addresses_is_found(addresses: list[str], data: st.DataObject) -> None:
    text = "".join(
        data.draw(st.sampled_from(BEFORE)) + address + data.draw(st.sampled_from(BEHIND)) + " " for address in addresses
    )
    assert [found.target for found in find(text)] == addresses


@pytest.mark.parametrize(
    "typed",
    [
        "http:/account",
        "https:account",
        "https:/account",
        "http:///x",
        "https://",
        "https://?",
        "https://.",
        "//example.com",
        "https://bank.example@evil.example/",
        "https://bank.example:443@evil.example",
        "https://user:pw@evil.example/x",
        "https://@evil.example",
        "https://bank.example\t@evil.example".replace("\t", "") + "/x",
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "xhttps://example.com",
        "https:\\\\evil.example",
        "https:/\\evil.example",
        "https://\\evil.example",
        "http://localhost/x",
        "https://[::1]/",
        "ｈttps://example.com/",
        "https：//example.com/",
        "https://exam\u2024ple/",
        "https://example.com:99999/",
        "https://example.com:1234567/",
        "https://1.2.3.4.5/",
        "https://256.1.1.1/a",
        "https://example.123/",
        "https://xn--a.example/",
        "https://example.²/",
        "https://א1a.example/",
    ],
)
def test_what_is_no_address_leads_nowhere(typed: str) -> None:
    assert list(find(typed)) == []
    assert markup.plain(f"[x]({typed})") == f"[x]({typed})".expandtabs(4)
    assert "<a" not in markup.render(f"[x]({typed}) {typed}")


def test_a_host_ends_at_a_backslash_as_a_browser_would_go_on() -> None:
    (found,) = find("https://evil.example\\.bank.example/")
    assert found.target == "https://evil.example"


@pytest.mark.parametrize("typed", ["www.example.com", "www.example.com/plan"])
def test_www_alone_is_an_address(typed: str) -> None:
    (found,) = find(f"at {typed}, they say")
    assert (found.shown, found.target) == (typed, f"http://{typed}")


@pytest.mark.parametrize("typed", ["a@www.example.com", "awww.cute.com", "//www.example.com", "www.", "www..com"])
def test_www_within_something_else_is_none(typed: str) -> None:
    assert list(find(typed)) == []


def test_angle_brackets_around_an_address_are_markup() -> None:
    (found,) = find("<https://example.com/a>")
    assert (found.typed, found.shown) == ("<https://example.com/a>", "https://example.com/a")


@given(st.text(alphabet="htps:/w.aé日()[]'\"“”…—,@ <>\\\n\u0301", max_size=60))
def test_addresses_are_what_was_typed_and_do_not_overlap(text: str) -> None:
    at = 0
    for found in find(text):
        assert at <= found.begin < found.end
        assert text[found.begin : found.end] == found.typed
        at = found.end
