"""PATCH /api/v1/comments/<id>."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock
from app.db import Database
from app.models import Account, Assessment, Comment, Item, Revision, Site, Story
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.story import CLOSED, PREMODERATED
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Headers

Bearer = Callable[[Account], Headers]
BEFORE, AFTER = "The crane stood still.", "The crane was moving."


@dataclass
class Scene:
    """A subscriber's published comment, just written; `edit` is what they do."""

    client: FlaskClient
    bearer: Bearer
    database: Database
    site: Site
    story: Story
    author: Account
    comment: Comment

    def edit(self, text: str = AFTER, *, by: Account | None = None, **members: Any) -> TestResponse:
        path = f"/api/v1/comments/{self.comment.id}"
        return self.client.patch(path, json={"text": text, **members}, headers=self.bearer(by or self.author))

    def now(self) -> Comment:
        with self.database.reading() as session:
            return session.get_one(Comment, self.comment.id)

    def become(self, state: str) -> None:
        """As if the comment had this state from the start; counters aside."""
        with self.database.transaction() as session:
            session.get_one(Comment, self.comment.id).state = state

    def only(self, model: type[Any]) -> Any:
        with self.database.reading() as session:
            return session.scalars(select(model)).one()


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        story, author = factories.story(session, site), factories.subscriber(session)
        comment = factories.comment(session, story, author, BEFORE)
        return Scene(client, bearer, database, site, story, author, comment)


def says(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


# who may not


def test_the_anonymous_are_asked_to_sign_in(scene: Scene) -> None:
    answer = scene.client.patch(f"/api/v1/comments/{scene.comment.id}", json={"text": AFTER})
    assert says(answer) == (401, "sign_in_required")
    assert scene.now().text == BEFORE


@pytest.mark.parametrize(
    ("kind", "code"), [(BAN, "banned"), (SUSPENSION, "suspended"), (WARNING, "warning_unacknowledged")]
)
def test_the_sanctioned_may_not_even_edit(scene: Scene, kind: str, code: str) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, scene.author, kind, at=scene.site)
    assert says(scene.edit()) == (403, code)
    assert scene.now().text == BEFORE


def test_the_lapsed_may_not_edit(scene: Scene) -> None:
    with scene.database.transaction() as session:
        lapsed = factories.subscriber(session, status="canceled")
        session.get_one(Comment, scene.comment.id).account_id = lapsed.id
    assert says(scene.edit(by=lapsed)) == (402, "canceled")


def test_nobody_edits_for_another(scene: Scene) -> None:
    with scene.database.transaction() as session:
        other = factories.subscriber(session)
    assert says(scene.edit(by=other)) == (403, "not_your_comment")
    scene.become(HELD)
    assert says(scene.edit(by=other)) == (404, "not_found")


# what comes of it


def test_an_edit_keeps_the_earlier_text_as_a_revision(scene: Scene) -> None:
    answer = scene.edit()
    body = answer.get_json()
    assert answer.status_code == 200
    assert (body["state"], body["text"], body["revision"]) == (PUBLISHED, AFTER, 2)
    assert body["edited_at"] is not None
    with scene.database.reading() as session:
        revisions = session.execute(select(Revision.number, Revision.text).order_by(Revision.number)).all()
        story = session.get_one(Story, scene.story.id)
    assert [tuple(row) for row in revisions] == [(1, BEFORE), (2, AFTER)]
    assert (story.comment_count, story.revision) == (1, 2)
    assert scene.only(Assessment).revision == 2


def test_the_same_text_again_changes_nothing(scene: Scene) -> None:
    assert scene.edit(BEFORE).get_json()["revision"] == 1
    assert scene.now().edited_at is None


def test_an_edit_is_judged_as_a_post_is(scene: Scene) -> None:
    answer = scene.edit("[insult=0.6]")
    assert says(answer) == (409, "nudge")
    assert scene.now().text == BEFORE
    body = scene.edit("[insult=0.6]", confirm=True).get_json()
    assert (body["state"], body["reason"]) == (HELD, "kept")
    assert (scene.only(Story).comment_count, scene.only(Item).reasons) == (0, ["kept"])


def test_an_edit_can_send_a_published_comment_to_the_moderators(scene: Scene) -> None:
    body = scene.edit("[insult=0.8]").get_json()
    assert (body["state"], body["reason"]) == (HELD, "hold")
    assert scene.only(Story).comment_count == 0
    assert scene.only(Item).reasons == ["hold"]


def test_a_severe_edit_is_withheld(scene: Scene) -> None:
    assert scene.edit("[threat=0.95]").get_json()["state"] == WITHHELD
    assert scene.only(Story).comment_count == 0
    assert scene.only(Assessment).revision == 2
    assert says(scene.edit("I did not mean it.")) == (409, "not_editable")


def test_no_edit_gets_a_held_comment_past_the_moderators(scene: Scene) -> None:
    scene.become(HELD)
    body = scene.edit("All is well.").get_json()
    assert (body["state"], body["reason"]) == (HELD, "hold")


def test_an_edit_under_a_premoderated_story_waits(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Story, scene.story.id).state = PREMODERATED
    assert scene.edit().get_json()["state"] == HELD


def test_a_moderator_who_saw_the_text_before_is_out_of_date(scene: Scene, house: HouseRules) -> None:
    with scene.database.transaction() as session:
        subject = Subject("comment", scene.comment.id, scene.site.id, scene.author.id)
        items.open_item(session, "comment", subject, Cause("report", weight=2.0, reports=1), house.at({}))
    assert scene.edit().status_code == 200
    item = scene.only(Item)
    assert (item.revision, item.reasons, item.priority, item.report_count) == (2, ["report"], 2.0, 1)


# what cannot be edited


@pytest.mark.parametrize("state", [WITHHELD, REMOVED, DELETED])
def test_what_was_taken_down_cannot_be_edited(scene: Scene, state: str) -> None:
    scene.become(state)
    assert says(scene.edit()) == (409, "not_editable")
    assert scene.now().text == BEFORE


def test_the_window_closes(scene: Scene, house: HouseRules) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=house.at({}).limits.edit_minutes, seconds=1), tick=True):
        answer = scene.edit()
    assert says(answer) == (409, "edit_window_over")
    assert str(house.at({}).limits.edit_minutes) in answer.get_json()["detail"]


def test_a_closed_story_takes_no_edits(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Story, scene.story.id).state = CLOSED
    assert says(scene.edit()) == (403, "story_closed")


def test_an_edit_is_no_way_to_say_the_same_thing_twice(scene: Scene) -> None:
    path = f"/api/v1/stories/{scene.story.key}/comments?site={scene.site.key}"
    said = scene.client.post(path, json={"text": "Buy now"}, headers=scene.bearer(scene.author))
    assert said.status_code == 201
    assert says(scene.edit("buy NOW")) == (409, "repeated")


def test_edits_have_the_pace_of_posts(scene: Scene, house: HouseRules) -> None:
    for number in range(house.at({}).limits.posts_per_minute):
        assert scene.edit(f"Thought {number}").status_code == 200
    answer = scene.edit("One more thought")
    assert says(answer) == (429, "too_many")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(("text", "code"), [("", "empty"), ("\u200b", "empty"), ("x" * 5001, "too_long")])
def test_bad_texts_are_refused(scene: Scene, text: str, code: str) -> None:
    assert says(scene.edit(text)) == (422, code)


@pytest.mark.parametrize("comment", ["1", "abc", "9" * 30, "-1"])
def test_an_unknown_comment_is_not_found(scene: Scene, comment: str) -> None:
    path = f"/api/v1/comments/{comment}"
    assert says(scene.client.patch(path, json={"text": AFTER}, headers=scene.bearer(scene.author))) == (
        404,
        "not_found",
    )
