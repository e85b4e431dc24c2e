"""Hours, end, slow mode and message of a story, as editors say them and readers meet them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.billing import grants
from app.db import Database
from app.models import Account, Comment, Site, Subscription
from tests.support import factories
from tests.support.callers import Bearer, OpenBrowser
from tests.support.posting import Scene, open_scene, says

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    return open_scene(client, bearer, database)


def editor(scene: Scene) -> Account:
    with scene.database.transaction() as session:
        return factories.staff(session, "editor", at=session.get_one(Site, scene.site.id))


def put(scene: Scene, **terms: Any) -> Any:
    body = {"url": f"{scene.site.origins[0]}/x", "title": "Tide", **terms}
    path = f"/api/v1/stories/{scene.story.key}?site={scene.site.key}"
    return scene.client.put(path, json=body, headers=scene.bearer(editor(scene)))


def shown(scene: Scene) -> dict[str, Any]:
    found: dict[str, Any] = scene.client.get(f"/api/v1/stories/{scene.story.key}?site={scene.site.key}").get_json()
    return found


def test_at_night_nobody_writes_and_everybody_reads(scene: Scene, browser: OpenBrowser) -> None:
    assert put(scene, hours={"opens": "07:00", "closes": "22:00"}).status_code == 200
    with time_machine.travel(clock.now().replace(hour=23, minute=0), tick=False) as at:
        answer = scene.post()
        assert says(answer) == (403, "story_closed")
        assert "open again at" in answer.get_json()["detail"]
        assert shown(scene)["open"] is False
        page = browser(scene.reader).get(f"/stories/{scene.story.id}")
        assert (page.status_code, "open again at" in page.text) == (200, True)
        at.move_to(clock.now() + timedelta(hours=9))
        assert scene.post().status_code == 201
        assert shown(scene)["open"] is True


def test_a_cached_body_is_asked_for_anew_when_the_hour_has_come(scene: Scene) -> None:
    put(scene, hours={"opens": "07:00", "closes": "22:00"})
    path = f"/api/v1/stories/{scene.story.key}/comments?site={scene.site.key}"
    with time_machine.travel(clock.now().replace(hour=21, minute=59), tick=False) as at:
        tag = scene.client.get(path).headers["ETag"]
        assert scene.client.get(path, headers={"If-None-Match": tag}).status_code == 304
        at.move_to(clock.now() + timedelta(minutes=2))
        assert scene.client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_after_its_end_nobody_writes_or_edits(scene: Scene) -> None:
    ends = clock.now() + timedelta(minutes=5)
    put(scene, closes_at=ends.isoformat())
    comment = scene.post().get_json()["id"]
    with time_machine.travel(ends + timedelta(seconds=1), tick=False):
        assert says(scene.post("Another.")) == (403, "story_closed")
        headers = scene.bearer(scene.reader)
        edit = scene.client.patch(f"/api/v1/comments/{comment}", json={"text": "Changed."}, headers=headers)
        assert says(edit) == (403, "story_closed")


def test_an_editor_opens_a_story_again_after_its_end(scene: Scene, browser: OpenBrowser) -> None:
    ends = clock.now() + timedelta(minutes=5)
    put(scene, closes_at=ends.isoformat(), message="Be kind.")
    page = browser(editor(scene))
    assert 'value="open" selected' in page.get(f"/stories/{scene.story.id}").text
    with time_machine.travel(ends + timedelta(seconds=1), tick=False):
        assert 'value="closed" selected' in page.get(f"/stories/{scene.story.id}").text
        page.post(f"/stories/{scene.story.id}/state", {"state": "open"})
        shown_then = page.get(f"/stories/{scene.story.id}").text
        assert ("as you want it" in shown_then, 'value="open" selected' in shown_then) == (True, True)
        assert scene.post().status_code == 201
        assert shown(scene)["message"] == "Be kind."


def test_who_opens_a_story_before_its_hour_is_told_so(scene: Scene, browser: OpenBrowser) -> None:
    put(scene, hours={"opens": "07:00", "closes": "22:00"}, state="closed")
    page = browser(editor(scene))
    with time_machine.travel(clock.now().replace(hour=23, minute=0), tick=False):
        page.post(f"/stories/{scene.story.id}/state", {"state": "open"})
        text = page.get(f"/stories/{scene.story.id}").text
    assert ("as you want it" in text, text.count("They are open again at")) == (False, 2)
    assert "from 07:00 to 22:00" in text


def test_on_a_slow_story_one_waits(scene: Scene) -> None:
    put(scene, slow_seconds=90)
    other = scene.subscriber()
    with time_machine.travel(clock.now(), tick=False) as at:
        first = scene.post()
        assert first.status_code == 201
        at.move_to(clock.now() + timedelta(seconds=30))
        answer = scene.post("Another.", parent=first.get_json()["id"])
        assert says(answer) == (429, "slow_mode")
        assert answer.headers["Retry-After"] == "60"
        assert scene.post("Mine.", by=other).status_code == 201
        at.move_to(clock.now() + timedelta(seconds=61))
        assert scene.post("Another.").status_code == 201
    assert scene.count(Comment) == 3


def test_the_papers_word_stands_before_the_place_to_write_in(scene: Scene, browser: OpenBrowser) -> None:
    put(scene, message="Restez courtois\u00a0!")
    assert shown(scene)["message"] == "Restez courtois\u00a0!"
    put(scene, message="Please be <kind>.\r\nThe editors\u202e read along.\n")
    assert shown(scene)["message"] == "Please be <kind>.\nThe editors read along."
    for who in (None, scene.reader):
        assert "Please be &lt;kind&gt;." in browser(who).get(f"/stories/{scene.story.id}").text


def test_what_is_left_out_is_as_usual(scene: Scene) -> None:
    put(scene, hours={"opens": "07:00", "closes": "07:01"}, slow_seconds=90, message="Hello.", state="premoderated")
    put(scene)
    found = shown(scene)
    assert (found["open"], found["changes_at"], found["slow_seconds"], found["message"]) == (True, None, 0, "")


def test_who_reads_first_mends_a_headline_and_nothing_else(scene: Scene) -> None:
    ends = clock.now() + timedelta(days=7)
    hours = {"opens": "07:00", "closes": "22:00"}
    put(scene, state="closed", hours=hours, closes_at=ends.isoformat(), slow_seconds=90, message="Hello.")
    before = shown(scene)
    kept = ("url", "state", "hours", "closes_at", "slow_seconds", "message", "title_only")
    put(scene, **{name: before[name] for name in kept}, title="Ebb")
    assert shown(scene) == before | {"title": "Ebb"}
    assert (before["hours"], before["state"]) == (hours, "closed")


@pytest.mark.parametrize(
    "terms",
    [
        {"hours": {"opens": "7:00", "closes": "22:00"}},
        {"hours": {"opens": "07:00", "closes": "24:00"}},
        {"hours": {"opens": "07:00"}},
        {"hours": {"opens": "07:00", "closes": "07:00"}},
        {"hours": "all day"},
        {"closes_at": "tomorrow"},
        {"closes_at": "2026-12-01T10:00:00"},
        {"slow_seconds": -1},
        {"slow_seconds": 1.5},
        {"message": "x" * 501},
        {"message": "\u202e"},
    ],
)
def test_what_cannot_be_changes_nothing(scene: Scene, terms: dict[str, Any]) -> None:
    assert put(scene, **terms).status_code == 422
    assert shown(scene)["title"] == scene.story.title


def test_a_reader_says_none_of_it(scene: Scene) -> None:
    reader: Account = scene.reader
    path = f"/api/v1/stories/{scene.story.key}?site={scene.site.key}"
    answer = scene.client.put(path, json={"url": "x", "title": "y", "slow_seconds": 5}, headers=scene.bearer(reader))
    assert answer.status_code == 404


@pytest.fixture
def of_two_titles(scene: Scene) -> Scene:
    """A house with another newspaper, which sells what lets its readers write here, too."""
    with scene.database.transaction() as session:
        session.get_one(Site, scene.site.id).products = [factories.PRODUCT, "prod_own"]
        factories.site(session, products=(factories.PRODUCT,))
    return scene


def test_of_its_own_subscribers_alone_a_story_takes_comments(of_two_titles: Scene, browser: OpenBrowser) -> None:
    scene = of_two_titles
    assert put(scene, title_only=True).status_code == 200
    assert shown(scene)["title_only"] is True
    with scene.database.transaction() as session:
        own, guest, moderator = (factories.subscriber(session), factories.account(session), factories.account(session))
        session.scalars(select(Subscription).where(Subscription.account_id == own.id)).one().products = ["prod_own"]
        factories.give_role(session, moderator, "moderator", at=scene.site)
        grants.give(session, moderator.id, guest.id, scene.site.id, "A guest.", clock.now() + timedelta(days=1))
    assert says(scene.post()) == (402, "other_title")
    page = browser(scene.reader).get(f"/stories/{scene.story.id}").text
    assert "subscribe to" in page
    assert 'name="text"' not in page
    me = under_its_article(scene, browser)
    assert (me["may_write"], me["code"], me["step"]) == (False, "other_title", "subscribe")
    for account in (own, guest, moderator):
        assert scene.post(f"As {account.id}.", by=account).status_code == 201
        assert 'name="text"' in browser(account).get(f"/stories/{scene.story.id}").text
    assert put(scene).status_code == 200
    assert scene.post().status_code == 201
    assert under_its_article(scene, browser)["may_write"] is True


def under_its_article(scene: Scene, browser: OpenBrowser) -> dict[str, Any]:
    """What the element learns of the scene's reader."""
    body = {"story": scene.story.key, "site": scene.site.key}
    page = {"Origin": scene.site.origins[0], "Sec-Fetch-Site": "same-site", "BTL-Embed": "1"}
    answer = browser(scene.reader).client.post("/api/v1/embed/session", json=body, headers=page)
    found: dict[str, Any] = answer.get_json()["me"]
    return found


def test_a_newspaper_that_sells_nothing_of_its_own_has_no_such_story(scene: Scene) -> None:
    with scene.database.transaction() as session:
        factories.site(session, products=(factories.PRODUCT,))
    assert says(put(scene, title_only=True)) == (422, "no_own_products")
