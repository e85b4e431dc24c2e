"""The bell, by program and as a page, and what it leads to."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment, Notification
from app.notifications import choices
from app.threads import slices
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.callers import Headers, OpenBrowser
from tests.support.sql import counted
from tests.support.telling import Telling, telling

Bearer = Callable[[Account], Headers]
BELL = "/api/v1/notifications"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def scene(database: Database, settings: Settings, house: HouseRules) -> Telling:
    return telling(assembled(settings, house, database))


@pytest.fixture
def ada(scene: Telling) -> Account:
    return scene.reader("Ada")


@pytest.fixture
def reply(scene: Telling, ada: Account) -> Comment:
    """By Bob, to Ada, who has been told of it."""
    made = scene.comment(scene.reader("Bob <b>"), parent=scene.comment(ada))
    scene.work()
    return made


def test_the_bell_says_what_is_new_and_where_it_leads(
    client: FlaskClient, bearer: Bearer, ada: Account, reply: Comment
) -> None:
    found = client.get(BELL, headers=bearer(ada)).get_json()
    (told,) = found["notifications"]
    assert (found["unread"], found["followed"], told["read"]) == (1, [], False)
    assert (told["kind"], told["sentence"]) == ("reply", "Bob <b> has answered you on “Tide”.")
    assert told["url"].endswith(f"/notifications/{told['id']}")


def test_what_was_seen_is_not_new(client: FlaskClient, bearer: Bearer, ada: Account, reply: Comment) -> None:
    headers = bearer(ada)
    newest = client.get(BELL, headers=headers).get_json()["notifications"][0]["id"]
    for up_to, unread in ((int(newest) - 1, 1), (newest, 0)):
        answer = client.post(f"{BELL}/read", json={"up_to": str(up_to)}, headers=headers)
        assert answer.get_json() == {"unread": unread}
    assert client.get(BELL, headers=headers).get_json()["notifications"][0]["read"] is True


def test_the_small_call_says_how_much_is_new_and_a_look_at_the_story_ends_it(
    client: FlaskClient, bearer: Bearer, ada: Account, reply: Comment
) -> None:
    headers = bearer(ada)

    def own() -> tuple[object, ...]:
        found = client.get("/api/v1/stories/tide/mine", headers=headers).get_json()
        return found["news"], found["unread"], found["follow"]

    assert own() == (True, 1, None)
    client.put("/api/v1/follows/tide", json={"state": "followed"}, headers=headers)
    assert own() == (True, 1, "followed")
    assert client.post(f"{BELL}/read", json={"story": "tide"}, headers=headers).get_json() == {"unread": 0}
    assert own() == (False, 0, "followed")


def test_each_newspaper_tells_its_own(client: FlaskClient, bearer: Bearer, scene: Telling, ada: Account) -> None:
    other = telling(scene.it)
    other.comment(scene.reader(), parent=other.comment(ada))
    scene.work()
    for site, unread in ((scene.site, 0), (other.site, 1)):
        assert client.get(f"{BELL}?site={site.key}", headers=bearer(ada)).get_json()["unread"] == unread


def test_a_page_of_a_newspaper_asks_for_its_reader(client: FlaskClient, ada: Account, reply: Comment) -> None:
    assert client.get(BELL).status_code == 401
    assert client.post(f"{BELL}/read", json={}).status_code == 401


@pytest.mark.parametrize("before", ["x", "-1", "1e9", "٣", "99999999999999999999999"])
def test_a_list_from_nowhere_is_not_found(
    client: FlaskClient, bearer: Bearer, browser: OpenBrowser, ada: Account, before: str
) -> None:
    assert browser(ada).get(f"/notifications?before={before}").status_code == 404
    assert client.post(f"{BELL}/read", json={"up_to": before}, headers=bearer(ada)).status_code == 404


def test_the_page_leads_on_and_what_was_opened_is_read(
    browser: OpenBrowser, scene: Telling, ada: Account, reply: Comment
) -> None:
    opened = browser(ada)
    page = opened.get("/notifications").get_data(as_text=True)
    assert "Bob &lt;b&gt; has answered you" in page
    assert "Notifications <b>1<" in page
    address = page.split('href="/notifications/')[1].split('"')[0]
    answer = opened.get(f"/notifications/{address}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/comments/{reply.id}")
    assert scene.unread(ada) == 0


def test_nobody_opens_what_another_was_told(browser: OpenBrowser, scene: Telling, ada: Account, reply: Comment) -> None:
    page = browser(ada).get("/notifications").get_data(as_text=True)
    address = page.split('href="/notifications/')[1].split('"')[0]
    assert browser(scene.reader()).get(f"/notifications/{address}").status_code == 404
    assert scene.unread(ada) == 1


@pytest.mark.parametrize("looks", ["/stories/{story}", "/comments/{comment}", "/comments/{asked}/replies"])
def test_who_has_the_page_before_them_has_read_it(
    browser: OpenBrowser, scene: Telling, ada: Account, reply: Comment, looks: str
) -> None:
    browser(ada).get(looks.format(story=scene.story.id, comment=reply.id, asked=reply.parent_id))
    assert scene.unread(ada) == 0


@pytest.mark.parametrize(("looks", "unread"), [("?sort=oldest", 2), ("?sort=picked", 12)])
def test_what_the_page_did_not_show_is_new_and_its_letter_due(
    browser: OpenBrowser, scene: Telling, ada: Account, looks: str, unread: int
) -> None:
    with scene.database.transaction() as session:
        choices.choose(session, ada.id, {"reply": "daily"})
    mine, bob = scene.comment(ada), scene.reader("Bob")
    for _ in range(slices.FIRST_REPLIES + 2):
        scene.comment(bob, parent=mine)
    scene.work()
    browser(ada).get(f"/stories/{scene.story.id}{looks}")
    assert scene.unread(ada) == unread
    with scene.database.reading() as session:
        due = select(func.count()).where(Notification.due_at.is_not(None), Notification.read_at.is_(None))
        assert session.scalar(due) == unread


def test_a_program_says_which_comments_its_reader_has_before_them(
    client: FlaskClient, bearer: Bearer, scene: Telling, ada: Account
) -> None:
    mine, bob = scene.comment(ada), scene.reader("Bob")
    first, second = (scene.comment(bob, parent=mine) for _ in range(2))
    scene.work()
    for shown, unread in (([], 2), ([str(first.id)], 1), ([str(mine.id)], 1), ([str(second.id)], 0)):
        answer = client.post(f"{BELL}/read", json={"story": scene.story.key, "comments": shown}, headers=bearer(ada))
        assert (answer.status_code, answer.get_json()) == (200, {"unread": unread})
    for odd, status in ((["x"], 404), ([str(first.id)] * 1001, 422), (str(first.id), 422)):
        body = {"story": scene.story.key, "comments": odd}
        assert client.post(f"{BELL}/read", json=body, headers=bearer(ada)).status_code == status


def test_all_that_the_page_showed_is_marked_as_read_by_its_button(
    browser: OpenBrowser, scene: Telling, ada: Account, reply: Comment
) -> None:
    opened = browser(ada)
    for unread in (1, 0):
        shown = opened.get("/notifications").get_data(as_text=True).split('name="up_to" value="')[1].split('"')[0]
        if unread:
            scene.comment(scene.reader(), "@Ada has not seen this.")
            scene.work()
        assert opened.post("/notifications", {"up_to": shown}).status_code == 303
        assert scene.unread(ada) == unread


def test_a_long_list_goes_on(
    browser: OpenBrowser, scene: Telling, ada: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.notifications.bell.MOST_SHOWN", 2)
    parent = scene.comment(ada)
    for number in range(3):
        scene.comment(scene.reader(f"Reader-{number}"), parent=parent)
    scene.work()
    opened = browser(ada)
    first = opened.get("/notifications").get_data(as_text=True)
    assert "Reader-0" not in first
    following = first.split('rel="next" href="')[1].split('"')[0]
    assert "Reader-0" in opened.get(following).get_data(as_text=True)


def test_the_list_costs_the_same_however_long_it_is(
    client: FlaskClient, bearer: Bearer, scene: Telling, ada: Account
) -> None:
    headers, parent = bearer(ada), scene.comment(ada)
    client.get(BELL, headers=headers)  # which newspapers there are is asked once

    def cost() -> int:
        with counted(scene.database) as statements:
            client.get(BELL, headers=headers)
        return len(statements)

    few = cost()
    for _ in range(20):
        scene.comment(scene.reader(), parent=parent)
    scene.work()
    assert cost() == few
