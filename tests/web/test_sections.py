"""GET /api/v1/sections, PUT and DELETE /api/v1/sections/<key>, and what becomes of stories that are put into one"""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import LedgerEntry, Site, Story
from app.models.server_key import PICKS, STORIES
from app.sign_in import server_keys
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Bearer, Headers

PATH = "/api/v1/sections"
SPORT = {"state": "premoderated", "hours": {"opens": "07:00", "closes": "22:00"}, "closes_after_days": 7}


class Cms:
    """A newspaper's system, which speaks by a key."""

    def __init__(self, client: FlaskClient, site: Site, headers: Headers) -> None:
        self.client, self.site, self.headers = client, site, headers

    def put(self, key: str, **terms: Any) -> TestResponse:
        return self.client.put(f"{PATH}/{key}?site={self.site.key}", json=terms, headers=self.headers)

    def story(self, **terms: Any) -> TestResponse:
        body = {"url": f"{self.site.origins[0]}/tide", "title": "The tide", **terms}
        return self.client.put(f"/api/v1/stories/tide?site={self.site.key}", json=body, headers=self.headers)


@pytest.fixture
def cms(client: FlaskClient, database: Database, settings: Settings, site: Site) -> Cms:
    with database.transaction() as session:
        secret = server_keys.create(session, settings, site.key, "cms", [STORIES])
    return Cms(client, site, {"Authorization": f"Bearer {secret}"})


def test_it_does_not_exist_for_readers_moderators_and_editors_of_another_paper(
    client: FlaskClient, database: Database, bearer: Bearer, site: Site
) -> None:
    with database.transaction() as session:
        others = [
            factories.subscriber(session),
            factories.staff(session, "moderator"),
            factories.staff(session, "editor", at=factories.site(session)),
        ]
    for headers in ({}, *(bearer(other) for other in others)):
        asked = (("GET", PATH, None), ("PUT", f"{PATH}/sport", SPORT), ("DELETE", f"{PATH}/sport", None))
        for method, path, body in asked:
            answer = client.open(f"{path}?site={site.key}", method=method, json=body, headers=headers)
            assert answer.status_code == 404


def test_a_key_for_picks_is_not_for_it(client: FlaskClient, database: Database, settings: Settings, site: Site) -> None:
    with database.transaction() as session:
        secret = server_keys.create(session, settings, site.key, "front", [PICKS])
    answer = client.get(PATH, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope")


def test_a_story_of_a_section_has_its_terms_but_for_what_is_said_of_it(cms: Cms, database: Database) -> None:
    assert cms.put("sport/football", **SPORT, slow_seconds=30, message="Keep cool.").status_code == 200
    assert cms.story(section="sport/football", slow_seconds=0, message="Derby!").status_code == 200
    with database.reading() as session:
        story = session.scalars(select(Story)).one()
        assert (story.state, str(story.opens), str(story.closes)) == ("premoderated", "07:00:00", "22:00:00")
        assert (story.slow_seconds, story.message) == (0, "Derby!")
        assert story.closes_at is not None
        assert abs(story.closes_at - story.created_at - timedelta(days=7)) < timedelta(seconds=5)


def test_a_story_that_is_put_again_closes_when_it_would_have(cms: Cms, database: Database) -> None:
    cms.put("sport", **SPORT)
    cms.story()
    with database.transaction() as session:
        story = session.scalars(select(Story)).one()
        story.created_at -= timedelta(days=3)
        began = story.created_at
    cms.story(section="sport")
    with database.reading() as session:
        assert session.scalars(select(Story.closes_at)).one() == began + timedelta(days=7)


def test_a_story_keeps_its_terms_when_its_section_changes_or_goes(cms: Cms, database: Database) -> None:
    cms.put("sport", **SPORT)
    cms.story(section="sport")
    cms.put("sport", state="closed")
    path = f"{PATH}/sport?site={cms.site.key}"
    assert cms.client.delete(path, headers=cms.headers).status_code == 204
    assert cms.client.delete(path, headers=cms.headers).get_json()["code"] == "unknown_section"
    with database.reading() as session:
        assert session.scalars(select(Story.state)).one() == "premoderated"
        acts = session.scalars(select(LedgerEntry.action).order_by(LedgerEntry.id)).all()
        assert [act for act in acts if "section" in act] == ["section.put", "section.put", "section.remove"]


def test_they_are_listed_by_their_keys_and_only_where_they_are(cms: Cms, database: Database) -> None:
    with database.transaction() as session:
        factories.site(session)
    cms.put("sport", **SPORT)
    cms.put("city", closes_after_days=1)
    found = cms.client.get(f"{PATH}?site={cms.site.key}", headers=cms.headers).get_json()["sections"]
    assert [section["key"] for section in found] == ["city", "sport"]
    usual = {"slow_seconds": 0, "message": "", "title_only": False}
    assert found[1] == {"key": "sport", **usual, **SPORT}


@pytest.mark.parametrize(
    ("key", "terms", "code"),
    [
        ("sport", {"closes_after_days": 0}, "bad_days"),
        ("sport", {"closes_after_days": 10**9}, "bad_days"),
        ("sport", {"state": "ajar"}, "malformed"),
        ("sport", {"title": "Sport"}, "malformed"),
        ("sport", {"slow_seconds": -1}, "bad_slow_mode"),
        ("sport", {"hours": {"opens": "07:00", "closes": "07:00"}}, "bad_hours"),
        ("sport", {"message": "\u202e"}, "bad_message"),
        ("s" * 101, {}, "bad_key"),
        ("%20sport", {}, "bad_key"),
        ("sp%07ort", {}, "bad_key"),
    ],
)
def test_what_cannot_be_is_refused(cms: Cms, key: str, terms: dict[str, Any], code: str) -> None:
    answer = cms.put(key, **terms)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_its_message_is_kept_as_that_of_a_story(cms: Cms) -> None:
    answer = cms.put("sport", message=" Restez\u202e courtois\u00a0!\r\nLa rédaction ")
    assert (answer.status_code, answer.get_json()["message"]) == (200, "Restez courtois\u00a0!\nLa rédaction")


def test_a_story_of_a_section_that_nobody_knows_is_refused(cms: Cms, database: Database) -> None:
    assert cms.story(section="spotr").get_json()["code"] == "unknown_section"
    with database.reading() as session:
        assert session.scalars(select(Story)).all() == []
