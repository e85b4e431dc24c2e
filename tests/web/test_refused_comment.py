"""POST /api/v1/stories/<key>/comments: what cannot be posted."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from app import clock
from app.db import Database
from app.models import Account, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.models.story import CLOSED
from config.policy import HouseRules
from tests.support import factories
from tests.support.posting import Bearer, Scene, open_scene, says


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    return open_scene(client, bearer, database)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/news",
        "javascript:alert(1)",
        "//paper.example/news",
        "https://paper.example.evil.example/",
        "https://paper.example@evil.example/",
        "https://paper.example:444/news",
        "https:\\\\paper.example\\news",
        "https://paper.example/\nnews",
        "http://[",
        "",
    ],
)
def test_stories_live_on_the_papers_own_addresses(scene: Scene, url: str) -> None:
    answer = scene.post(path=f"/api/v1/stories/new/comments?site={scene.site.key}", url=url, title="A title")
    assert says(answer) == (422, "url_not_allowed")
    assert answer.get_json()["field"] == "url"


def test_a_closed_story_takes_no_comments(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Story, scene.story.id).state = CLOSED
    assert says(scene.post()) == (403, "story_closed")


def test_an_unknown_paper_is_not_found(scene: Scene) -> None:
    assert says(scene.post(path="/api/v1/stories/x/comments?site=nowhere")) == (404, "unknown_site")


@pytest.mark.parametrize("parent", ["1", "0", "-1", "9" * 30, "abc", "", "9223372036854775807"])
def test_an_unknown_parent_is_refused(scene: Scene, parent: str) -> None:
    answer = scene.post(parent=parent)
    assert says(answer) == (422, "unknown_parent")
    assert answer.get_json()["field"] == "parent"


def test_a_parent_in_another_story_is_refused(scene: Scene) -> None:
    with scene.database.transaction() as session:
        other = factories.comment(session, factories.story(session, scene.site), scene.reader)
    assert says(scene.post(parent=str(other.id))) == (422, "unknown_parent")


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_is_not_published_cannot_be_answered(scene: Scene, state: str) -> None:
    parent = scene.comment(state=state)
    assert says(scene.post(parent=str(parent.id))) == (409, "parent_gone")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\u200b\u2060\ufeff", "empty"),
        ("\u202e\u2066", "empty"),
        ("x" * 5001, "too_long"),
        (">" * 50_000, "too_long"),
        ("a\x00b", "nul"),
    ],
)
def test_bad_texts_are_refused(scene: Scene, text: str, code: str) -> None:
    answer = scene.post(text)
    assert says(answer) == (422, code)
    if code == "too_long":
        assert (answer.get_json()["field"], answer.get_json()["limit"]) == ("text", 5000)
    assert scene.count() == 0


def test_five_thousand_nested_quotes_are_only_text(scene: Scene) -> None:
    assert scene.post(">" * 4999 + "x").status_code == 201


def test_direction_tricks_are_not_stored(scene: Scene) -> None:
    assert scene.post("in\u200bvis\u202eible").get_json()["text"] == "invisible"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 7}',
        b'{"text": null}',
        b'{"text": ["a"]}',
        b'{"text": "a", "parent": 7}',
        b'{"text": "a", "confirm": "yes"}',
        b'{"text": "a", "state": "published"}',
        b'{"text": "\xff\xfe"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a' + b"\\udfff" + b'"}',
        b"[" * 60_000,
    ],
)
def test_what_is_not_the_right_json_is_refused(scene: Scene, raw: bytes) -> None:
    headers = {**scene.bearer(scene.reader), "Content-Type": "application/json"}
    answer = scene.client.post(scene.path, data=raw, headers=headers)
    assert answer.status_code == 422
    assert scene.count() == 0


def test_a_megabyte_is_too_large(scene: Scene) -> None:
    assert says(scene.post("x" * 1_000_000)) == (413, "too_large")


def test_the_same_comment_twice_in_a_minute_is_refused_however_it_is_spaced(scene: Scene, house: HouseRules) -> None:
    first = scene.post("Buy now")
    assert first.status_code == 201
    again = scene.post("buy   NOW\u200d")
    assert says(again) == (409, "repeated")
    assert again.get_json()["comment"] == first.get_json()["id"]
    assert "parent" not in again.get_json()
    below = [scene.post("Thank you", parent=first.get_json()["id"]) for _ in range(2)][1]
    assert (says(below), below.get_json()["parent"]) == ((409, "repeated"), first.get_json()["id"])
    assert scene.post("Buy now", by=scene.subscriber()).status_code == 201
    with time_machine.travel(clock.now() + timedelta(seconds=house.at({}).limits.repeat_seconds + 1), tick=True):
        assert scene.post("Buy now").status_code == 201


def test_the_limit_of_a_minute_says_when_to_come_back(scene: Scene, house: HouseRules) -> None:
    limit = house.at({}).limits.posts_per_minute
    for number in range(limit):
        assert scene.post(f"Thought {number}").status_code == 201
    answer = scene.post("One more thought")
    assert says(answer) == (429, "too_many")
    wait = int(answer.headers["Retry-After"])
    assert 0 < wait <= 60
    assert scene.count() == limit
    with time_machine.travel(clock.now() + timedelta(seconds=wait), tick=True):
        assert scene.post("One more thought").status_code == 201


def test_the_limit_of_a_day_counts_what_was_deleted_too(scene: Scene, house: HouseRules) -> None:
    now = clock.now()
    with scene.database.transaction() as session:
        reader = session.get_one(Account, scene.reader.id)
        for number in range(house.at({}).limits.posts_per_day):
            at = now - timedelta(minutes=2 + number)
            factories.comment(session, scene.story, reader, f"Thought {number}", at=at, state=DELETED)
    answer = scene.post()
    assert says(answer) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 3600


PIECES = st.sampled_from(
    ["a", ">", "\x00", "\ud800", "\u202e", "\U0001f600", "<b>", "[x](y)", "\n", " ", "%s", "%(x)s"]
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(PIECES).map("".join))
FIELDS = st.sampled_from(["text", "parent", "url", "title", "confirm", "unknown"])


@settings(max_examples=60)
@given(body=st.one_of(VALUES, st.dictionaries(FIELDS, VALUES)), key=st.text("ab /%?#.é\x00", min_size=1, max_size=8))
def test_whatever_is_sent_nothing_breaks(scene: Scene, body: Any, key: str) -> None:
    raw = json.dumps(body).encode()
    headers = {**scene.bearer(scene.reader), "Content-Type": "application/json"}
    for path in (scene.path, f"/api/v1/stories/{key}/comments"):
        assert scene.client.post(path, data=raw, headers=headers).status_code < 500
