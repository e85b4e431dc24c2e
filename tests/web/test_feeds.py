"""Feeds of the newest comments: well-formed whatever is typed, the same for everyone, cheap."""

import json
from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.comment import HELD, REMOVED
from app.threads import newest
from app.web.readers.feeds import ATOM, THREADING
from tests.support import factories
from tests.support.sql import counted

IN = {"atom": ATOM, "thr": THREADING}


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site, "tide")


def say(database: Database, story: Story, text: str, name: str | None = None, **details: object) -> Comment:
    with database.transaction() as session:
        return factories.comment(session, story, factories.account(session, name), text, **details)  # type: ignore[arg-type]


def atom(client: FlaskClient, path: str) -> ElementTree.Element:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    return ElementTree.fromstring(answer.data)


def test_a_story_has_its_newest_comments_first(client: FlaskClient, database: Database, story: Story) -> None:
    first = say(database, story, "It is *low*.", "Ada")
    reply = say(database, story, "No.", "Bob & <Co>", parent=first)
    say(database, story, "Waits.", state=HELD)
    say(database, story, "Gone.", state=REMOVED)
    found = atom(client, f"/stories/{story.id}/feed.atom")
    assert found.findtext("atom:title", namespaces=IN) == "Comments on “Tide”"
    one, two = found.findall("atom:entry", IN)
    assert one.findtext("atom:title", namespaces=IN) == "Bob & <Co> on “Tide”"
    assert one.findtext("atom:id", namespaces=IN) == f"http://127.0.0.1:8000/comments/{reply.id}"
    answered = one.find("thr:in-reply-to", IN)
    assert answered is not None
    assert answered.attrib["ref"] == two.findtext("atom:id", namespaces=IN)
    assert two.findtext("atom:content", namespaces=IN) == "<p>It is <em>low</em>.</p>"
    assert two.findtext("atom:author/atom:name", namespaces=IN) == "Ada"
    updated = found.findtext("atom:updated", namespaces=IN)
    assert updated is not None
    assert datetime.fromisoformat(updated) == reply.created_at


def test_the_same_as_json(client: FlaskClient, database: Database, story: Story) -> None:
    comment = say(database, story, "It is *low*.", "Ada")
    answer = client.get(f"/stories/{story.id}/feed.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/feed+json")
    found = json.loads(answer.data)
    (item,) = found["items"]
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert (item["id"], item["content_html"]) == (item["url"], "<p>It is <em>low</em>.</p>")
    assert (item["authors"], item["title"]) == ([{"name": "Ada"}], "Ada on “Tide”")
    assert item["url"].endswith(f"/comments/{comment.id}")


def test_a_newspaper_has_the_newest_of_all_its_stories_and_of_no_other(
    client: FlaskClient, database: Database, site: Site, story: Story
) -> None:
    with database.transaction() as session:
        second = factories.story(session, site, "ebb")
        elsewhere = factories.story(session, factories.site(session), "flow")
    for under, words in ((story, "One."), (second, "Two."), (elsewhere, "Three.")):
        say(database, under, words)
    found = atom(client, f"/feed.atom?site={site.key}")
    assert [entry.findtext("atom:content", namespaces=IN) for entry in found.findall("atom:entry", IN)] == [
        "<p>Two.</p>",
        "<p>One.</p>",
    ]
    assert len(client.get(f"/feed.json?site={site.key}").get_json(force=True)["items"]) == 2


def test_an_empty_feed_is_one_too(client: FlaskClient, site: Site, story: Story) -> None:
    for path in (f"/stories/{story.id}/feed.atom", f"/feed.atom?site={site.key}"):
        assert atom(client, path).findall("atom:entry", IN) == []


@pytest.mark.parametrize("path", ["/stories/77/feed.atom", "/stories/x/feed.json", "/feed.atom?site=none"])
def test_there_is_none_of_what_there_is_not(client: FlaskClient, story: Story, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_is_the_same_for_everyone_and_asked_for_anew_only_when_it_changed(
    client: FlaskClient, database: Database, story: Story
) -> None:
    say(database, story, "One.")
    path = f"/stories/{story.id}/feed.atom"
    first = client.get(path)
    assert "public" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    say(database, story, "Two.")
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(typed=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).map(lambda t: t + "x"))
def test_whatever_stands_in_the_database_the_feeds_are_well_formed(
    client: FlaskClient, database: Database, story: Story, typed: str
) -> None:
    """Also what no reader could type today."""
    typed = typed.replace("\0", "\x01")
    comment = say(database, story, typed)
    with database.transaction() as session:
        session.execute(update(Account).where(Account.id == comment.account_id).values(name=typed))
    entry = atom(client, f"/stories/{story.id}/feed.atom").find("atom:entry", IN)
    assert entry is not None
    content = entry.findtext("atom:content", namespaces=IN) or ""
    assert "<script" not in content.lower()
    json.loads(client.get(f"/stories/{story.id}/feed.json").data)


def test_it_costs_the_same_in_a_large_thread(
    client: FlaskClient, database: Database, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "MOST", 3)
    path = f"/stories/{story.id}/feed.atom"
    client.get(path)
    with counted(database) as few:
        client.get(path)
    for number in range(12):
        say(database, story, f"Number {number}.")
    with counted(database) as many:
        assert len(atom(client, path).findall("atom:entry", IN)) == 3
    assert len(many) == len(few)


def test_the_pages_name_their_feeds(client: FlaskClient, story: Story) -> None:
    page = client.get(f"/stories/{story.id}").text
    assert f'type="application/atom+xml" href="/stories/{story.id}/feed.atom"' in page
    assert 'href="/feed.json"' in client.get("/").text
