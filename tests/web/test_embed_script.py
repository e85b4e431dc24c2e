"""GET /embed.js: one small script for the paper's page, that says all it says in the house's language, or another."""

import gzip
import json
import re
from typing import get_args

import pytest
from flask.testing import FlaskClient

from app.threads.slices import SortName
from app.web.readers.embed_script import FOLDER, PARTS
from app.web.readers.embed_words import WORDS
from config.policy import HouseRules

MOST_BYTES = 25_000
SCRIPT = "\n".join((FOLDER / f"{name}.js").read_text() for name in PARTS)
# what parses a string, runs one, or keeps what a page could read later
UNSAFE = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|sessionStorage|cookie"
FORMS = ("_one", "_other")


@pytest.mark.parametrize("address", ["/embed.js", "/embed.js?lang=de"])
def test_it_is_small_and_cacheable(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.mimetype == "text/javascript"
    assert "\n//" not in answer.text
    assert "\n  //" not in answer.text
    assert answer.headers["Cache-Control"].startswith("public")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/embed.js", "/embed.js?lang=de"])
def test_it_comes_packed_to_whoever_takes_that(client: FlaskClient, address: str) -> None:
    plain = client.get(address)
    for taken, packed in (
        ("gzip, deflate, br, zstd", True),
        ("*", True),
        ("br;q=1, gzip;q=0.2", True),
        ("br", False),
        ("gzip;q=0", False),
        ("identity", False),
        ("", False),
    ):
        headers = {"Accept-Encoding": taken}
        answer = client.get(address, headers=headers)
        assert (answer.headers.get("Content-Encoding") == "gzip", answer.headers["Vary"]) == (packed, "Accept-Encoding")
        assert (gzip.decompress(answer.data) if packed else answer.data) == plain.data
        assert (len(answer.data) < MOST_BYTES, answer.headers["ETag"] != plain.headers["ETag"]) == (packed, packed)
        again = client.get(address, headers=headers | {"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["Vary"]) == (304, b"", "Accept-Encoding")
        # what is not of this encoding is not what they have
        other = client.get(address, headers=headers | {"If-None-Match": f'"{"0" * 16}"'})
        assert (other.status_code, other.data) == (200, answer.data)


def test_it_is_all_of_the_folder() -> None:
    assert {path.stem for path in FOLDER.glob("*.js")} == set(PARTS)


def test_it_parses_no_html_and_runs_no_string() -> None:
    assert not re.search(UNSAFE, SCRIPT)
    assert re.search(UNSAFE, "node.innerHTML = text")


def test_it_says_these_words_and_no_others() -> None:
    said = set(re.findall(r'\bsay\(\s*"(\w+)"', SCRIPT))
    said |= {f"{name}{form}" for name in re.findall(r'\bsayNumber\(\s*"(\w+)"', SCRIPT) for form in FORMS}
    assert said <= WORDS.keys()
    named = set(re.findall(r'"(\w+)"', SCRIPT)) | {f"sort_{sort}" for sort in get_args(SortName)}
    assert {name for name in WORDS if not {name, re.sub("_(one|other)$", "", name)} & named} == set()


@pytest.mark.parametrize(
    ("address", "language", "says"),
    [
        ("/embed.js", "en", "Post comment"),
        ("/embed.js?lang=de", "de", "Kommentar abschicken"),
        ("/embed.js?lang=en&v=3", "en", "Post comment"),
        ("/embed.js?lang=tlh", "en", "Post comment"),
        ("/embed.js?lang=../de", "en", "Post comment"),
    ],
)
def test_it_has_the_words_of_one_language(client: FlaskClient, address: str, language: str, says: str) -> None:
    text = client.get(address).text
    words = json.loads(text[text.index("const WORDS = ") + len("const WORDS = ") : text.index(";\nconst STYLE")])
    assert f'const LANGUAGE = "{language}";' in text
    assert words.keys() == WORDS.keys()
    assert words["post"] == says


class TestWhereTheHouseSpeaksGerman:
    @pytest.fixture
    def house(self, house: HouseRules) -> HouseRules:
        return HouseRules(house.at({"house": {"language": "de"}}))

    def test_so_does_the_element_where_the_page_does_not_say(self, client: FlaskClient) -> None:
        assert "Kommentar abschicken" in client.get("/embed.js").text
        assert "Post comment" in client.get("/embed.js?lang=en").text
