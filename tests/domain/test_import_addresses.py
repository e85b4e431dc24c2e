"""However an export writes the address of a story, it is one story, or its line is refused."""

from urllib.parse import quote

from app.models import Site
from tests.support.exports import Bring, lines


def test_ways_to_write_the_address_of_a_story_are_one_story(bring: Bring, site: Site) -> None:
    (origin,) = site.origins
    addresses = [
        f"{origin}/a",
        f"{origin}/a#disqus_thread",
        f"{origin}/a#comments",
        origin.replace("https:", "http:") + "/a",
        origin.replace("https:", "http:") + ":80/a",
        origin.replace("https:", "HTTPS:") + "/a",
        "https://" + origin.removeprefix("https://").upper() + "/a",
        f"{origin}:443/a",
    ]
    rows = [f"{n},ann,{address},,2016-03-01,text {n},The tide &amp; us" for n, address in enumerate(addresses)]
    found = bring("id,author,story,parent,created_at,text,title\n" + "\n".join(rows) + "\n", html=True)
    (story,) = found.stories.values()
    assert (story.key, story.url, story.title) == (f"{origin}/a", f"{origin}/a", "The tide & us")
    assert (len(found.texts), found.refused) == (len(addresses), {})


def test_what_says_less_than_a_whole_address_means_one_of_the_site_and_a_word_is_a_key(
    bring: Bring, site: Site
) -> None:
    (origin,) = site.origins
    host = origin.removeprefix("https://")
    meant = {
        "/a": f"{origin}/a",
        f"{origin}/a": f"{origin}/a",
        f"//{host}/a": f"{origin}/a",
        f"{host.upper()}/a": f"{origin}/a",
        f"{host}?p=12": f"{origin}/?p=12",
        "/a/b c": f"{origin}/a/b%20c",
    }
    words = ["a", "news:2024", "post-12", "tag:paper.example,2024:12", "index.php/2024", "data:2024", "v1.2/a b"]
    found = bring(lines(*({"id": n, "story": key, "text": "x"} for n, key in enumerate([*meant, *words]))), "a.jsonl")
    assert found.refused == {}
    assert {story.key: story.url for story in found.stories.values()} == {
        address: address for address in meant.values()
    } | {word: f"{origin}/{quote(word)}" for word in words}


def test_an_address_that_is_none_of_the_site_makes_no_story(bring: Bring, site: Site) -> None:
    (origin,) = site.origins
    host = origin.removeprefix("https://")
    foreign = [f"{scheme}{host}/a" for scheme in ("ftp://", "https:/", "FILE:///", "android-app://")]
    foreign += ["//evil.example/a", "//a", "///a", "www.evil.example/a"]
    foreign += ["javascript:alert(1)", "JavaScript:void(0)", "mailto:ann@example.com", "data:text/html,x"]
    told = [*({"story": each} for each in foreign), {"url": "//evil.example/a"}]
    found = bring(lines(*({"id": n, "text": "x"} | each for n, each in enumerate(told))), "a.jsonl")
    assert found.refused == dict.fromkeys(range(1, len(told) + 1), "url_not_allowed")
    assert found.stories == {}


def test_another_port_is_another_place(bring: Bring, site: Site) -> None:
    (origin,) = site.origins
    found = bring(
        lines(*({"id": n, "story": f"{origin}{end}", "text": "x"} for n, end in enumerate((":8443/a", "", "/")))),
        "a.jsonl",
    )
    assert ({story.key for story in found.stories.values()}, found.refused) == ({f"{origin}/"}, {1: "url_not_allowed"})


def test_the_title_may_have_another_name_and_need_not_be_there(bring: Bring) -> None:
    found = bring(
        lines({"id": 1, "text": "x", "headline": "Ebb"}, {"id": 2, "text": "y", "story": "flow"}),
        "a.jsonl",
        {"title": "headline"},
    )
    assert {story.title for story in found.stories.values()} == {"Ebb", "flow"}
