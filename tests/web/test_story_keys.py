"""A story is found by whatever key the paper has for it, slashes included, written as they are or escaped."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.errors import Malformed
from app.models import Account, Site
from app.stories import sites, stories
from app.stories.stories import Naming
from tests.support import factories
from tests.support.callers import Bearer

KEYS = (
    "crane",
    "2026/11/the-harbour-plan",
    "/news/harbour",
    "a//b",
    "harbour/",
    "plän/ü",
    "comments",
    "a/comments/b",
    "50%",
)


@pytest.mark.parametrize("safe", ["/", ""], ids=["as it is", "escaped"])
@pytest.mark.parametrize("key", KEYS)
def test_a_story_lives_under_its_key(
    client: FlaskClient, bearer: Bearer, site: Site, editor: Account, key: str, safe: str
) -> None:
    path, headers = f"/api/v1/stories/{quote(key, safe=safe)}", bearer(editor)
    named = {"url": f"{site.origins[0]}/x", "title": "A title"}
    assert client.put(path, json=named, headers=headers).get_json()["key"] == key
    assert client.post(f"{path}/comments", json={"text": "A point."}, headers=headers).status_code == 201
    listed = client.get(f"{path}/comments").get_json()
    assert (listed["story"]["key"], [comment["html"] for comment in listed["comments"]]) == (key, ["<p>A point.</p>"])
    assert client.get(path).get_json()["comment_count"] == 1
    assert client.get(f"{path}/mine", headers=headers).status_code == 200
    counts = client.get("/api/v1/counts", query_string={"keys": key}).get_json()["counts"]
    assert counts == {key: 1}


@pytest.mark.parametrize("safe", ["/", ""], ids=["as it is", "escaped"])
@pytest.mark.parametrize("key", [*KEYS, "feed.atom", "?page=1#2"])
def test_whoever_has_the_key_finds_the_page_of_the_story(
    client: FlaskClient, database: Database, site: Site, key: str, safe: str
) -> None:
    with database.transaction() as session:
        story = factories.story(session, site, key)
        elsewhere = factories.story(session, factories.site(session, "another"), key)
    for query, found in (("", story), (f"?site={site.key}", story), ("?site=another", elsewhere)):
        answer = client.get(f"/stories/by-key/{quote(key, safe=safe)}{query}")
        assert (answer.status_code, answer.location) == (302, f"/stories/{found.id}")


@pytest.mark.parametrize("key", ["unknown", "//evil.example/x", "https://evil.example", "%00", "x" * 3000])
def test_a_key_that_nobody_has_written_under_yet_leads_nowhere_and_is_no_error(
    client: FlaskClient, site: Site, key: str
) -> None:
    answer = client.get(f"/stories/by-key/{key}?site={site.key}")
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert "Nobody has written yet." in answer.text
    assert "noindex" in answer.text


def test_a_newspaper_that_is_not_there_has_no_stories(client: FlaskClient, site: Site) -> None:
    assert client.get("/stories/by-key/crane?site=nobody").status_code == 404


@pytest.mark.parametrize("key", ["a/comments", "a/mine", "2026/comments/comments", "/mine"])
def test_no_story_has_a_key_that_its_own_address_would_not_reach(
    client: FlaskClient, bearer: Bearer, site: Site, editor: Account, key: str
) -> None:
    named = {"url": f"{site.origins[0]}/x", "title": "A title"}
    answer = client.put(f"/api/v1/stories/{key}", json=named, headers=bearer(editor))
    assert answer.status_code in (405, 422)
    assert (
        client.post(
            f"/api/v1/stories/{key}/comments", json={**named, "text": "A point."}, headers=bearer(editor)
        ).status_code
        == 422
    )


@pytest.mark.parametrize("key", [".", "..", "a/../b", "./a", "a/."])
def test_no_story_has_a_key_that_browsers_would_take_a_part_out_of(database: Database, site: Site, key: str) -> None:
    snapshot = sites.by_id(database, site.id)
    with database.transaction() as session, pytest.raises(Malformed, match="bad_key"):
        stories.ensure(session, snapshot, key, Naming(f"{site.origins[0]}/x"))
