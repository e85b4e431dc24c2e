"""GET /api/v1/comments/<id>"""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock
from app.db import Database
from app.models import Comment, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.stories import publication
from app.threads.conversations import NEAR_REPLIES
from tests.support import factories
from tests.support.sql import counted


@pytest.fixture
def story(database: Database) -> Story:
    with database.transaction() as session:
        return factories.story(session, factories.site(session))


def chain(database: Database, story: Story, length: int) -> list[Comment]:
    """A conversation in which each comment answers the one before: "comment 0" by Author 0, and so on."""
    comments: list[Comment] = []
    with database.transaction() as session:
        for number in range(length):
            parent = comments[-1] if comments else None
            author = factories.account(session, f"Author {number}")
            comments.append(factories.comment(session, story, author, f"comment {number}", parent=parent))
    return comments


def outline(comments: list[dict[str, Any]]) -> list[Any]:
    """Texts, nested as the comments are."""
    return [[comment["html"], *outline(comment["replies"])] for comment in comments]


def read(client: FlaskClient, comment: Comment) -> dict[str, Any]:
    answer = client.get(f"/api/v1/comments/{comment.id}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    assert found["comment"]["id"] == str(comment.id)
    return found


def test_everyone_reads_a_comment_between_what_it_answers_and_its_replies(
    client: FlaskClient, database: Database, story: Story
) -> None:
    root, comment, _reply = chain(database, story, 3)
    with database.transaction() as session:
        factories.comment(session, story, factories.account(session), "elsewhere", parent=root)
    found = read(client, comment)
    assert outline(found["conversation"]) == [["<p>comment 0</p>", ["<p>comment 1</p>", ["<p>comment 2</p>"]]]]


def test_a_root_is_read_with_the_first_of_its_conversation(
    client: FlaskClient, database: Database, story: Story
) -> None:
    root, *_replies = chain(database, story, 3)
    found = read(client, root)
    assert outline(found["conversation"]) == [["<p>comment 0</p>", ["<p>comment 1</p>", ["<p>comment 2</p>"]]]]
    assert outline([found["comment"]]) == outline(found["conversation"])


def test_far_below_its_root_it_is_read_with_its_nearest_ancestors(
    client: FlaskClient, database: Database, story: Story
) -> None:
    comments = chain(database, story, 20)
    root, nearest = read(client, comments[15])["conversation"]
    assert root["html"] == "<p>comment 0</p>"
    assert nearest["html"] == "<p>comment 10</p>"
    assert nearest["in_reply_to"] == {"id": str(comments[9].id), "name": "Author 9"}


def test_of_many_replies_the_first_are_read(client: FlaskClient, database: Database, story: Story) -> None:
    _root, comment = chain(database, story, 2)
    with database.transaction() as session:
        author = factories.account(session)
        later = [clock.now() + timedelta(seconds=number) for number in range(NEAR_REPLIES + 1)]
        replies = [factories.comment(session, story, author, parent=comment, at=at) for at in later]
    found = read(client, comment)["comment"]
    assert [reply["id"] for reply in found["replies"]] == [str(reply.id) for reply in replies[:NEAR_REPLIES]]
    rest = client.get(f"/api/v1/comments/{comment.id}/replies?cursor={found['more']}").get_json()
    assert [reply["id"] for reply in rest["comments"]] == [str(replies[NEAR_REPLIES].id)]


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_is_not_published_is_not_found(client: FlaskClient, database: Database, story: Story, state: str) -> None:
    with database.transaction() as session:
        comment = factories.comment(session, story, factories.account(session), state=state)
    assert client.get(f"/api/v1/comments/{comment.id}").status_code == 404


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_a_tombstone_has_an_address_but_no_text(
    client: FlaskClient, database: Database, story: Story, state: str
) -> None:
    comments = chain(database, story, 4)
    with database.transaction() as session:
        for comment in comments[:3]:
            publication.set_state(session, session.get_one(Comment, comment.id), state)
    for comment in comments:
        if comment is not comments[0] and comment is not comments[1]:
            text = client.get(f"/api/v1/comments/{comment.id}").text
            assert "comment 0" not in text
            assert "comment 2" not in text
            assert "Author 1" not in text
    # nothing hangs on it directly, yet the thread shows the root above the last reply
    assert read(client, comments[0])["comment"]["html"] is None
    assert client.get(f"/api/v1/comments/{comments[1].id}").status_code == 404


@pytest.mark.parametrize("comment_id", ["0", "x", "9223372036854775808"])
def test_an_unknown_comment_is_not_found(client: FlaskClient, database: Database, comment_id: str) -> None:
    assert client.get(f"/api/v1/comments/{comment_id}").status_code == 404


def test_it_takes_few_statements_at_any_depth_and_one_if_unchanged(
    client: FlaskClient, database: Database, story: Story
) -> None:
    comments = chain(database, story, 20)
    read(client, comments[0])
    with counted(database) as statements:
        answer = client.get(f"/api/v1/comments/{comments[-1].id}")
    assert len(statements) <= 4
    with counted(database) as statements:
        again = client.get(f"/api/v1/comments/{comments[-1].id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, len(statements)) == (304, 1)
