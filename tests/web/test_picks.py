"""PUT and DELETE /api/v1/comments/<id>/pick and /pin, the buttons, and what readers see of them"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import Account, Comment, LedgerEntry, Site, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.models.role import ADMINISTRATOR, MODERATOR
from app.moderation.picks import MOST_PICKS
from app.stories import publication
from app.threads.slices import SORTS
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser
from tests.support.sql import counted


@dataclass
class Scene:
    """A story of five comments, the oldest first, and one who moderates there."""

    client: FlaskClient
    database: Database
    headers: Headers
    story: Story
    comments: list[Comment]

    def put(self, comment: Comment, how: str = "pick", headers: Headers | None = None) -> TestResponse:
        return self.client.put(f"/api/v1/comments/{comment.id}/{how}", headers=headers or self.headers)

    def delete(self, comment: Comment, how: str = "pick") -> TestResponse:
        return self.client.delete(f"/api/v1/comments/{comment.id}/{how}", headers=self.headers)

    def thread(self, **asked: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/stories/{self.story.key}/comments", query_string=asked)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.get_json()
        return found

    def order(self, **asked: str) -> list[int]:
        """Which of the comments stand in the thread, by their numbers."""
        numbers = {str(comment.id): number for number, comment in enumerate(self.comments)}
        return [numbers[comment["id"]] for comment in self.thread(**asked)["comments"]]

    def ledger(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(LedgerEntry.action).order_by(LedgerEntry.id)))


@pytest.fixture
def moderator(database: Database, site: Site) -> Account:
    with database.transaction() as session:
        return factories.staff(session, MODERATOR, at=site)


@pytest.fixture
def scene(
    client: FlaskClient, database: Database, bearer: Callable[[Account], Headers], site: Site, moderator: Account
) -> Scene:
    with database.transaction() as session:
        story = factories.story(session, site)
        comments = [factories.comment(session, story, factories.account(session)) for _ in range(5)]
    return Scene(client, database, bearer(moderator), story, comments)


@pytest.mark.parametrize("how", ["pick", "pin"])
def test_it_does_not_exist_for_readers_and_moderators_of_another_paper(
    database: Database, bearer: Callable[[Account], Headers], scene: Scene, how: str
) -> None:
    with database.transaction() as session:
        others = [factories.subscriber(session), factories.staff(session, ADMINISTRATOR, at=factories.site(session))]
    for headers in ({"Accept": "application/json"}, *map(bearer, others)):
        assert scene.put(scene.comments[0], how, headers).status_code == 404
    assert scene.ledger() == []


def test_picks_are_marked_counted_and_can_be_read_alone(scene: Scene) -> None:
    tag = scene.client.get(f"/api/v1/stories/{scene.story.key}/comments").headers["ETag"]
    for number in (1, 3):
        assert scene.put(scene.comments[number]).status_code == 204
    found = scene.thread()
    assert [comment["picked"] for comment in found["comments"]] == [False, True, False, True, False]
    assert found["story"]["pick_count"] == 2
    assert scene.order(sort="picked") == [3, 1]
    assert scene.client.get(f"/api/v1/stories/{scene.story.key}/comments").headers["ETag"] != tag


def test_again_changes_nothing_and_taking_back_is_recorded(scene: Scene) -> None:
    first = scene.comments[0]
    for act in (scene.put, scene.put, scene.delete, scene.delete):
        for how in ("pick", "pin"):
            assert act(first, how).status_code == 204
    assert scene.ledger() == ["comment.pick", "comment.pin", "comment.unpick", "comment.unpin"]
    story = scene.thread()["story"]
    assert (story["pick_count"], story["pinned"]) == (0, None)


@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort != "picked"])
def test_what_is_pinned_stands_first_in_every_order_and_once(scene: Scene, sort: str) -> None:
    before = scene.order(sort=sort)
    scene.put(scene.comments[2], "pin")
    assert scene.order(sort=sort) == [2, *(number for number in before if number != 2)]
    scene.put(scene.comments[1], "pin")
    assert scene.order(sort=sort) == [1, *(number for number in before if number != 1)]
    assert scene.thread()["story"]["pinned"] == str(scene.comments[1].id)


def test_a_pinned_one_costs_no_statement(scene: Scene) -> None:
    scene.thread()
    with counted(scene.database) as before:
        scene.thread()
    scene.put(scene.comments[2], "pin")
    scene.put(scene.comments[3])
    with counted(scene.database) as after:
        scene.thread()
    assert len(after) == len(before)


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_goes_is_no_pick_any_more_and_stands_first_no_more(scene: Scene, state: str) -> None:
    first = scene.comments[0]
    for how in ("pick", "pin"):
        scene.put(first, how)
    with scene.database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, first.id), state)
    story = scene.thread()["story"]
    assert (story["pick_count"], story["pinned"]) == (0, None)
    assert scene.order(sort="picked") == []
    assert [scene.put(first, how).status_code for how in ("pick", "pin")] == [404, 404]


def test_an_edited_comment_is_not_the_one_that_was_picked(
    client: FlaskClient, database: Database, bearer: Callable[[Account], Headers], scene: Scene
) -> None:
    with database.transaction() as session:
        author = factories.subscriber(session)
        mine = factories.comment(session, session.get_one(Story, scene.story.id), author, "A point of view.")
    for how in ("pick", "pin"):
        scene.put(mine, how)
    answer = client.patch(f"/api/v1/comments/{mine.id}", json={"text": "Buy my book."}, headers=bearer(author))
    assert answer.status_code == 200
    story = scene.thread()["story"]
    assert (story["pick_count"], story["pinned"]) == (0, None)
    assert not scene.thread()["comments"][0]["picked"]


@pytest.mark.parametrize("how", ["pick", "pin"])
def test_nobody_puts_forward_what_they_wrote(database: Database, moderator: Account, scene: Scene, how: str) -> None:
    with database.transaction() as session:
        mine = factories.comment(session, session.get_one(Story, scene.story.id), moderator)
    answer = scene.put(mine, how)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "own_comment")


def test_a_story_has_a_few_picks(database: Database, scene: Scene) -> None:
    with database.transaction() as session:
        story = session.get_one(Story, scene.story.id)
        more = [factories.comment(session, story, factories.account(session)) for _ in range(MOST_PICKS)]
    for comment in more:
        assert scene.put(comment).status_code == 204
    refused = scene.put(scene.comments[0])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_picks")
    scene.delete(more[0])
    assert scene.put(scene.comments[0]).status_code == 204
    assert len(scene.thread(sort="picked")["comments"]) == MOST_PICKS


def test_a_reply_can_be_picked_and_says_what_it_answers_but_does_not_stand_first(
    database: Database, scene: Scene
) -> None:
    with database.transaction() as session:
        story, parent = session.get_one(Story, scene.story.id), session.get_one(Comment, scene.comments[0].id)
        reply = factories.comment(session, story, factories.account(session), "A reply.", parent=parent)
        name = session.get_one(Account, parent.account_id).name
    assert scene.put(reply).status_code == 204
    (picked,) = scene.thread(sort="picked")["comments"]
    assert (picked["html"], picked["in_reply_to"]) == ("<p>A reply.</p>", {"id": str(parent.id), "name": name})
    answer = scene.put(reply, "pin")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "reply")
    scene.put(parent)
    (picked,) = scene.thread(sort="picked")["comments"]
    assert [each["html"] for each in picked["replies"]] == ["<p>A reply.</p>"]


def test_nothing_follows_the_picks(scene: Scene) -> None:
    scene.put(scene.comments[0])
    assert scene.thread(sort="picked")["next"] is None
    assert scene.order(sort="picked", cursor=str(scene.comments[1].id)) == []
    answer = scene.client.get(f"/api/v1/stories/{scene.story.key}/comments?sort=picked&cursor=x")
    assert answer.status_code == 422


def test_moderators_have_buttons_and_readers_see_what_came_of_them(
    browser: OpenBrowser, moderator: Account, scene: Scene
) -> None:
    first, path = scene.comments[0], f"/stories/{scene.story.id}?sort=oldest"
    staff, reader = browser(moderator), browser(None)
    assert 'action="/comments/' not in reader.get(path).text
    assert "Editor’s pick" not in reader.get(path).text
    for how in ("pick", "pin"):
        assert f'action="/comments/{first.id}/{how}"' in staff.get(path).text
        answer = staff.post(f"/comments/{first.id}/{how}", {"back": path})
        assert answer.location == f"{path}#c{first.id}"
    page = reader.get(path).text
    assert [page.count(words) for words in ("Editor’s pick<", ">Pinned<", "Editor’s picks<")] == [1, 1, 1]
    assert reader.get(f"/stories/{scene.story.id}?sort=picked").text.count('class="comment') == 1
    for how in ("pick", "pin"):
        staff.post(f"/comments/{first.id}/{how}", {"undo": "true", "back": "//evil.example"})
    page = reader.get(path).text
    assert "Pinned" not in page
    assert "Editor’s pick" not in page
    assert "No comment is picked any more." in reader.get(f"/stories/{scene.story.id}?sort=picked").text
