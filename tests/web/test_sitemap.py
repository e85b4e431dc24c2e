"""/sitemap.xml: what search engines find the conversations by."""

from datetime import datetime
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Comment
from app.models.comment import HELD
from app.threads import listing
from app.web.readers.sitemap import NAMESPACE
from config.settings import Settings
from tests.support import factories

IN = {"": NAMESPACE}


def read(client: FlaskClient, path: str = "/sitemap.xml") -> tuple[str, list[ElementTree.Element]]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    root = ElementTree.fromstring(answer.data)
    return root.tag.removeprefix(f"{{{NAMESPACE}}}"), list(root)


def addresses(entries: list[ElementTree.Element]) -> list[str]:
    return [entry.findtext("loc", "", IN) for entry in entries]


def test_it_names_the_stories_that_have_comments_and_when_the_last_was_written(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    assert read(client) == ("urlset", [])
    comments: list[Comment] = []
    with database.transaction() as session:
        for site in (factories.site(session), factories.site(session)):
            author, story = factories.account(session), factories.story(session, site)
            factories.comment(session, factories.story(session, site), author, state=HELD)
            comments += [factories.comment(session, story, author) for _ in range(2)]
            factories.comment(session, story, author, state=HELD)
    kind, entries = read(client)
    assert kind == "urlset"
    last = comments[1::2]
    assert addresses(entries) == [f"{settings.public_url}/stories/{comment.story_id}" for comment in last]
    told = [datetime.fromisoformat(entry.findtext("lastmod", "", IN)) for entry in entries]
    assert told == [comment.created_at for comment in last]


def test_many_come_in_parts(
    client: FlaskClient, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST", 2)
    with database.transaction() as session:
        site, author = factories.site(session), factories.account(session)
        stories = [factories.story(session, site) for _ in range(5)]
        for story in stories:
            factories.comment(session, story, author)
    kind, parts = read(client)
    assert (kind, len(parts)) == ("sitemapindex", 3)
    listed = []
    for address in addresses(parts):
        kind, entries = read(client, address.removeprefix(settings.public_url))
        assert kind == "urlset"
        listed += addresses(entries)
    assert listed == [f"{settings.public_url}/stories/{story.id}" for story in stories]
    assert client.get("/sitemap.xml?cursor=x").status_code == 422


def test_it_is_the_same_for_everyone_and_asked_for_anew_only_when_it_changed(
    client: FlaskClient, database: Database
) -> None:
    first = client.get("/sitemap.xml")
    assert "public" in first.headers["Cache-Control"]
    assert "Set-Cookie" not in first.headers
    assert client.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
