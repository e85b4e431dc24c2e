"""GET /api/v1/counts"""

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Comment
from app.models.comment import HELD, REMOVED
from app.stories import publication
from tests.support import factories
from tests.support.sql import counted


def test_everyone_counts_what_is_published_in_one_statement(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        author = factories.account(session)
        for key, comments in (("a", 2), ("b", 1)):
            story = factories.story(session, site, key)
            for _ in range(comments):
                factories.comment(session, story, author)
            factories.comment(session, story, author, state=HELD)
    client.get("/api/v1/counts?keys=a")
    with counted(database) as statements:
        answer = client.get("/api/v1/counts?keys=a,b,unknown,a")
    assert answer.get_json() == {"counts": {"a": 2, "b": 1, "unknown": 0}}
    assert len(statements) == 1


@pytest.mark.parametrize("keys", [["a,b"], ["a,b", "c"], ["d/e&f=,", "a,b", ","]])
def test_a_key_with_commas_is_asked_for_by_a_parameter_of_its_own(
    client: FlaskClient, database: Database, keys: list[str]
) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session), keys[0])
        factories.comment(session, story, factories.account(session))
    answer = client.get("/api/v1/counts", query_string=[("key", key) for key in keys])
    assert answer.get_json() == {"counts": dict.fromkeys(keys, 0) | {keys[0]: 1}}


def test_both_ways_go_together_and_a_hundred_are_the_most_of_both(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        factories.site(session)
    asked = client.get("/api/v1/counts?keys=a,b&key=c,d&key=a&key=")
    assert asked.get_json() == {"counts": {"a": 0, "b": 0, "c,d": 0}}
    half = ",".join(map(str, range(50)))
    rest = [("key", f"{number},") for number in range(51)]
    assert client.get("/api/v1/counts", query_string=[("keys", half), *rest[:50]]).status_code == 200
    refused = client.get("/api/v1/counts", query_string=[("keys", half), *rest])
    assert (refused.status_code, refused.get_json()["code"]) == (422, "too_many_keys")
    assert client.get("/api/v1/counts?key=%00").get_json()["code"] == "nul"
    assert client.get("/api/v1/counts?keys=").status_code == 422
    assert client.get("/api/v1/counts?keys=,").get_json() == {"counts": {}}


def test_the_document_says_which_is_repeated(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    asked = {each["name"]: each for each in document["paths"]["/api/v1/counts"]["get"]["parameters"]}
    assert asked["keys"]["schema"]["type"] == "string"
    assert (asked["key"]["schema"]["type"], asked["key"]["required"]) == ("array", False)
    assert "comma" in asked["keys"]["schema"]["description"]
    assert "once for each" in asked["key"]["schema"]["items"]["description"]


def test_each_newspaper_counts_its_own(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        for paper in ("morning", "evening"):
            story = factories.story(session, factories.site(session, paper), "shared-key")
            factories.comment(session, story, factories.account(session))
    with database.transaction() as session:
        factories.comment(session, story, factories.account(session))
    for paper, count in (("morning", 1), ("evening", 2)):
        answer = client.get(f"/api/v1/counts?keys=shared-key&site={paper}")
        assert answer.get_json() == {"counts": {"shared-key": count}}
    assert client.get("/api/v1/counts?keys=a&site=nowhere").status_code == 404


def test_what_is_younger_is_counted_also_when_something_else_goes(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session), "a")
        comments = [factories.comment(session, story, factories.account(session)) for _ in range(2)]
    newest = client.get("/api/v1/stories/a/comments").get_json()["newest"]
    assert newest == str(comments[1].id)
    path = f"/api/v1/counts?keys=a,b&since={newest}"
    before = client.get(path)
    assert before.get_json() == {"counts": {"a": 2, "b": 0}, "new": {"a": 0, "b": 0}}
    with database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, comments[0].id), REMOVED)
        third = factories.comment(session, story, factories.account(session))
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.get_json() == {"counts": {"a": 2, "b": 0}, "new": {"a": 1, "b": 0}}
    with database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, third.id), REMOVED)
    assert client.get(path).get_json()["new"] == {"a": 0, "b": 0}
    assert client.get("/api/v1/counts?keys=a&since=x").status_code == 422


def test_a_hundred_keys_are_the_most(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        factories.site(session)
    keys = [str(number) for number in range(101)]
    assert client.get("/api/v1/counts?keys=" + ",".join(keys[:100])).status_code == 200
    refused = client.get("/api/v1/counts?keys=" + ",".join(keys))
    assert (refused.status_code, refused.get_json()["code"]) == (422, "too_many_keys")
    assert client.get("/api/v1/counts").status_code == 422


def test_unchanged_counts_are_a_304(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site, "a")
    answer = client.get("/api/v1/counts?keys=a,b")
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert answer.headers["Cache-Control"].startswith("public")
    assert client.get("/api/v1/counts?keys=a,b", headers=tag).status_code == 304
    with database.transaction() as session:
        factories.comment(session, story, factories.account(session))
    assert client.get("/api/v1/counts?keys=a,b", headers=tag).status_code == 200
