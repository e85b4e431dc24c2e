"""DELETE /api/v1/comments/<id>."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import Account, Comment, Item, Revision, Site, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.models.sanction import BAN
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Headers

Bearer = Callable[[Account], Headers]


@dataclass
class Scene:
    """A reader's published comment with a reply; the reader has no subscription any more."""

    client: FlaskClient
    bearer: Bearer
    database: Database
    site: Site
    story: Story
    author: Account
    comment: Comment
    reply: Comment

    def delete(self, *, by: Account | None = None) -> TestResponse:
        return self.client.delete(f"/api/v1/comments/{self.comment.id}", headers=self.bearer(by or self.author))

    def now(self) -> Comment:
        with self.database.reading() as session:
            return session.get_one(Comment, self.comment.id)

    def counts(self) -> tuple[int, int]:
        """Comments of the story, and replies to the comment."""
        with self.database.reading() as session:
            story = session.get_one(Story, self.story.id)
            return story.comment_count, session.get_one(Comment, self.comment.id).reply_count


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        story, author = factories.story(session, site), factories.account(session)
        comment = factories.comment(session, story, author)
        reply = factories.comment(session, story, factories.account(session), parent=comment)
        return Scene(client, bearer, database, site, story, author, comment, reply)


def says(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_the_anonymous_are_asked_to_sign_in(scene: Scene) -> None:
    assert says(scene.client.delete(f"/api/v1/comments/{scene.comment.id}")) == (401, "sign_in_required")


def test_nobody_deletes_for_another(scene: Scene) -> None:
    with scene.database.transaction() as session:
        other = factories.subscriber(session)
    assert says(scene.delete(by=other)) == (403, "not_your_comment")
    assert scene.counts() == (2, 1)


def test_the_lapsed_may_take_a_comment_back(scene: Scene) -> None:
    assert scene.delete().status_code == 204
    assert scene.now().state == DELETED
    assert scene.counts() == (1, 1)


def test_the_banned_may_take_a_comment_back(scene: Scene) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, scene.author, BAN, at=scene.site)
    assert scene.delete().status_code == 204


def test_deleting_a_reply_counts_for_its_parent(scene: Scene) -> None:
    with scene.database.reading() as session:
        author = session.get_one(Account, scene.reply.account_id)
    answer = scene.client.delete(f"/api/v1/comments/{scene.reply.id}", headers=scene.bearer(author))
    assert answer.status_code == 204
    assert scene.counts() == (1, 0)


def test_a_second_time_changes_nothing(scene: Scene) -> None:
    assert (scene.delete().status_code, scene.delete().status_code) == (204, 204)
    assert scene.counts() == (1, 1)


def test_a_held_comment_can_be_taken_back(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Comment, scene.comment.id).state = HELD
    assert scene.delete().status_code == 204
    assert scene.now().state == DELETED


@pytest.mark.parametrize("state", [WITHHELD, REMOVED])
def test_what_was_taken_down_stays_as_it_was_decided(scene: Scene, state: str) -> None:
    with scene.database.transaction() as session:
        session.get_one(Comment, scene.comment.id).state = state
    assert says(scene.delete()) == (409, "taken_down")
    assert scene.now().state == state


def test_what_was_reported_is_kept_for_the_moderators(scene: Scene, house: HouseRules) -> None:
    with scene.database.transaction() as session:
        subject = Subject("comment", scene.comment.id, scene.site.id, scene.author.id)
        items.open_item(session, "comment", subject, Cause("report", weight=1.0, reports=1), house.at({}))
    assert scene.delete().status_code == 204
    with scene.database.reading() as session:
        item = session.scalars(select(Item)).one()
        revision = session.get_one(Revision, (scene.comment.id, 1))
    assert (item.state, item.revision) == ("open", 2)
    assert revision.text == scene.comment.text


@pytest.mark.parametrize("comment", ["1", "abc", "9" * 30])
def test_an_unknown_comment_is_not_found(scene: Scene, comment: str) -> None:
    answer = scene.client.delete(f"/api/v1/comments/{comment}", headers=scene.bearer(scene.author))
    assert says(answer) == (404, "not_found")
