"""Following a story, and muting one."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Account, Follow, Story
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.callers import Headers, OpenBrowser
from tests.support.moderating import rows
from tests.support.telling import Telling, telling

Bearer = Callable[[Account], Headers]
PATH = "/api/v1/follows/tide"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def scene(database: Database, settings: Settings, house: HouseRules) -> Telling:
    return telling(assembled(settings, house, database))


@pytest.fixture
def ada(scene: Telling) -> Account:
    return scene.reader("Ada")


def states(scene: Telling) -> list[str]:
    with scene.database.reading() as session:
        return [follow.state for follow in rows(session, Follow)]


def test_a_story_is_followed_muted_and_neither(
    client: FlaskClient, bearer: Bearer, scene: Telling, ada: Account
) -> None:
    headers = bearer(ada)
    for state in ("followed", "followed", "muted", "followed"):
        assert client.put(PATH, json={"state": state}, headers=headers).status_code == 204
        assert states(scene) == [state]
    for _ in range(2):
        assert client.delete(PATH, headers=headers).status_code == 204
        assert states(scene) == []


def test_to_follow_once_more_leaves_what_is_new(
    client: FlaskClient, bearer: Bearer, scene: Telling, ada: Account
) -> None:
    headers, bob = bearer(ada), scene.reader("Bob")
    for _ in range(2):
        assert client.put(PATH, json={"state": "followed"}, headers=headers).status_code == 204
        with scene.database.reading() as session:
            (follow,) = rows(session, Follow)
            (new,) = session.scalars(select(Story.published_count))
            assert (follow.seen_count, follow.due_at is None) == (0, new == 0)
        scene.comment(bob)
        scene.work()


def test_only_who_is_signed_in_follows_and_only_what_there_is(
    client: FlaskClient, bearer: Bearer, scene: Telling, ada: Account
) -> None:
    assert client.put(PATH, json={"state": "followed"}).status_code == 401
    assert client.put("/api/v1/follows/none", json={"state": "followed"}, headers=bearer(ada)).status_code == 404
    assert client.put(PATH, json={"state": "loved"}, headers=bearer(ada)).status_code == 422
    assert states(scene) == []


def test_the_page_has_buttons_for_it(browser: OpenBrowser, scene: Telling, ada: Account) -> None:
    opened, page = browser(ada), f"/stories/{scene.story.id}"
    assert "Follow this story" in opened.get(page).get_data(as_text=True)
    for state, words in (("followed", "You follow this story."), ("muted", "You hear nothing of this story.")):
        answer = opened.post(f"{page}/follow", {"follow": state, "back": page})
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        assert words in opened.get(page).get_data(as_text=True)
    opened.post(f"{page}/follow", {"follow": "none", "back": "https://elsewhere.example/"})
    assert states(scene) == []
    assert "Follow this story" not in browser(None).get(page).get_data(as_text=True)


def test_followed_stories_stand_on_the_page_of_the_bell(
    client: FlaskClient, bearer: Bearer, browser: OpenBrowser, scene: Telling, ada: Account
) -> None:
    client.put(PATH, json={"state": "followed"}, headers=bearer(ada))
    scene.comment(scene.reader("Bob"))
    scene.comment(scene.reader("Cid"))
    page = browser(ada).get("/notifications").get_data(as_text=True)
    assert "2 new comments on “Tide”." in page
    (followed,) = client.get("/api/v1/notifications", headers=bearer(ada)).get_json()["followed"]
    assert (followed["key"], followed["new"]) == ("tide", 2)
