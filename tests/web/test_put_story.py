"""PUT /api/v1/stories/<key>, and the form for editors on a story's own page."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import Account, LedgerEntry, Site, Story
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from app.models.sanction import BAN
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser

Bearer = Callable[[Account], Headers]
PATH = "/api/v1/stories/crane"


def body(site: Site, **members: Any) -> dict[str, Any]:
    return {"url": f"{site.origins[0]}/crane", "title": "The crane", **members}


def stories(database: Database) -> list[Story]:
    with database.reading() as session:
        return list(session.scalars(select(Story)))


def test_it_does_not_exist_for_the_anonymous(client: FlaskClient, site: Site) -> None:
    assert client.put(PATH, json=body(site)).status_code == 404


def test_it_does_not_exist_for_readers_moderators_and_editors_of_another_paper(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site
) -> None:
    with database.transaction() as session:
        others = [
            factories.subscriber(session),
            factories.staff(session, MODERATOR),
            factories.staff(session, EDITOR, at=factories.site(session)),
        ]
        banned = factories.subscriber(session)
        factories.sanction(session, banned, BAN, at=site)
    path = f"{PATH}?site={site.key}"
    assert {client.put(path, json=body(site), headers=bearer(other)).status_code for other in [*others, banned]} == {
        404
    }
    assert stories(database) == []


def test_the_authors_of_an_article_are_marked_whoever_they_become_later(
    client: FlaskClient, database: Database, bearer: Bearer, settings: Settings, site: Site, editor: Account
) -> None:
    with database.transaction() as session:
        ann = factories.account(session, settings=settings, email="Ann@paper.example")
        ben = factories.account(session, verified=False, settings=settings, email="ben@paper.example")
    authors = ["ann@PAPER.example", "ben@paper.example", "carl@paper.example"]
    assert client.put(PATH, json=body(site, authors=authors), headers=bearer(editor)).status_code == 200
    (story,) = stories(database)
    with database.transaction() as session:
        for account in (ann, ben, factories.subscriber(session)):
            factories.comment(session, story, account)
    assert marked(client) == [ann.name]
    with database.transaction() as session:
        session.get_one(Account, ben.id).verified_at = clock.now()
        factories.account(session, settings=settings, email="carl@paper.example")
    assert marked(client) == sorted([ann.name, ben.name])
    assert client.put(PATH, json=body(site, authors=authors[1:2]), headers=bearer(editor)).status_code == 200
    assert marked(client) == [ben.name]
    assert client.put(PATH, json=body(site), headers=bearer(editor)).status_code == 200
    assert marked(client) == []


def marked(client: FlaskClient) -> list[str]:
    """The names, in their order, that a badge calls author of the article, on the page as in the API."""
    thread = client.get(f"{PATH}/comments").get_json()
    found = sorted(each["author"]["name"] for each in thread["comments"] if each["author"]["wrote_story"])
    assert client.get(f"/stories/{thread['story']['id']}").text.count("Author of the article") == len(found)
    return found


@pytest.mark.parametrize(
    ("authors", "code"),
    [(["nobody"], "email_malformed"), ([f"a{number}@paper.example" for number in range(11)], "too_many_authors")],
)
def test_authors_that_cannot_be_are_refused(
    client: FlaskClient, bearer: Bearer, site: Site, editor: Account, authors: list[str], code: str
) -> None:
    answer = client.put(PATH, json=body(site, authors=authors), headers=bearer(editor))
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_an_editor_makes_a_story(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site, editor: Account
) -> None:
    answer = client.put(PATH, json=body(site), headers=bearer(editor))
    assert answer.status_code == 200
    (story,) = stories(database)
    assert answer.get_json()["id"] == str(story.id)
    assert (story.key, story.title, story.state) == ("crane", "The crane", "open")
    with database.reading() as session:
        entry = session.scalars(select(LedgerEntry)).one()
    assert (entry.action, entry.actor_id, entry.subject_id) == ("story.put", editor.id, story.id)


@pytest.mark.parametrize("state", ["closed", "premoderated", "open"])
def test_an_editor_closes_or_premoderates_a_story(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site, state: str
) -> None:
    with database.transaction() as session:
        administrator = factories.staff(session, ADMINISTRATOR)
        factories.story(session, site, "crane")
    answer = client.put(PATH, json=body(site, title="Renamed", state=state), headers=bearer(administrator))
    assert (answer.status_code, answer.get_json()["state"]) == (200, state)
    (story,) = stories(database)
    assert (story.title, story.state, story.revision) == ("Renamed", state, 1)


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"url": "https://elsewhere.example/"}, "url_not_allowed"),
        ({"title": " "}, "bad_title"),
        ({"state": "hidden"}, "malformed"),
        ({"comment_count": 9}, "malformed"),
    ],
)
def test_what_a_story_cannot_be(
    client: FlaskClient, bearer: Bearer, site: Site, editor: Account, members: dict[str, Any], code: str
) -> None:
    answer = client.put(PATH, json=body(site, **members), headers=bearer(editor))
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_a_key_has_a_length(client: FlaskClient, bearer: Bearer, site: Site, editor: Account) -> None:
    answer = client.put(f"/api/v1/stories/{'k' * 201}", json=body(site), headers=bearer(editor))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "bad_key")


def test_the_form_does_not_exist_for_the_anonymous_and_for_editors_of_another_paper(
    database: Database, browser: OpenBrowser, site: Site
) -> None:
    with database.transaction() as session:
        story = factories.story(session, site)
        other = factories.staff(session, EDITOR, at=factories.site(session))
    for who in (browser(None), browser(other)):
        assert 'name="state"' not in who.get(f"/stories/{story.id}").text
        assert who.post(f"/stories/{story.id}/state", {"state": "closed"}).status_code == 404
    assert stories(database)[0].state == "open"


def test_an_editor_closes_a_story_on_its_page(
    database: Database, browser: OpenBrowser, site: Site, editor: Account
) -> None:
    with database.transaction() as session:
        story = factories.story(session, site)
    page = browser(editor)
    assert 'name="state"' in page.get(f"/stories/{story.id}").text
    answer = page.post(f"/stories/{story.id}/state", {"state": "closed"})
    assert answer.location == f"/stories/{story.id}"
    assert "Closed for comments" in page.get(answer.location).text
    (closed,) = stories(database)
    assert (closed.state, closed.revision) == ("closed", story.revision + 1)
    with database.reading() as session:
        entry = session.scalars(select(LedgerEntry)).one()
    assert (entry.action, entry.actor_id, entry.subject_id) == ("story.put", editor.id, story.id)
