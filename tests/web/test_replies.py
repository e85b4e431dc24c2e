"""GET /api/v1/comments/<id>/replies"""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Comment, Story
from app.models.comment import HELD, REMOVED
from app.threads.conversations import SLICE_REPLIES
from app.threads.slices import FIRST_REPLIES
from tests.support import factories


@pytest.fixture
def conversation(database: Database) -> tuple[Story, Comment]:
    """A root with three pages of replies: the first ones of the thread's page, and two more."""
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        author = factories.account(session, "Ada")
        root = factories.comment(session, story, author, "root")
        for number in range(1, FIRST_REPLIES + SLICE_REPLIES + 3):
            factories.comment(session, story, author, f"reply {number}", parent=root)
        return story, root


def walk(client: FlaskClient, comment_id: int, cursor: str | None) -> list[dict[str, Any]]:
    """All replies after `cursor`, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        query = {"cursor": cursor} if cursor else {}
        page = client.get(f"/api/v1/comments/{comment_id}/replies", query_string=query).get_json()
        found += page["comments"]
        cursor = page["next"]
        if cursor is None:
            return found


def test_everyone_reads_on_where_the_thread_stopped(client: FlaskClient, conversation: tuple[Story, Comment]) -> None:
    story, root = conversation
    (shown,) = client.get(f"/api/v1/stories/{story.key}/comments").get_json()["comments"]
    rest = walk(client, root.id, shown["more"])
    read = [reply["html"] for reply in shown["replies"] + rest]
    assert read == [f"<p>reply {number}</p>" for number in range(1, FIRST_REPLIES + SLICE_REPLIES + 3)]
    assert {reply["in_reply_to"]["name"] for reply in rest} == {"Ada"}


def test_without_a_cursor_it_begins_after_the_comment(client: FlaskClient, conversation: tuple[Story, Comment]) -> None:
    _story, root = conversation
    replies = walk(client, root.id, None)
    assert len(replies) == FIRST_REPLIES + SLICE_REPLIES + 2
    assert [reply["html"] for reply in walk(client, int(replies[-2]["id"]), None)] == [replies[-1]["html"]]


def test_a_reply_to_what_is_gone_names_nobody(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        author = factories.account(session, "Ada")
        root = factories.comment(session, story, author, "root")
        gone = factories.comment(session, story, author, "gone", parent=root, state=REMOVED)
        factories.comment(session, story, author, "still here", parent=gone)
    answer = client.get(f"/api/v1/comments/{root.id}/replies", query_string={"cursor": "1"})
    (reply,) = answer.get_json()["comments"]
    assert reply["in_reply_to"] == {"id": str(gone.id), "name": None}


@pytest.mark.parametrize("cursor", ["x", "1.2", "-1", "9999999999999999999999"])
def test_a_bad_cursor_is_malformed(client: FlaskClient, conversation: tuple[Story, Comment], cursor: str) -> None:
    assert client.get(f"/api/v1/comments/{conversation[1].id}/replies?cursor={cursor}").status_code == 422


@pytest.mark.parametrize("comment_id", ["0", "x", "9223372036854775808", "%00"])
def test_an_unknown_comment_is_not_found(client: FlaskClient, database: Database, comment_id: str) -> None:
    assert client.get(f"/api/v1/comments/{comment_id}/replies").status_code == 404


def test_a_comment_that_nobody_sees_is_not_found(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        held = factories.comment(session, story, factories.account(session), state=HELD)
    assert client.get(f"/api/v1/comments/{held.id}/replies").status_code == 404


def test_an_unchanged_page_is_a_304(client: FlaskClient, conversation: tuple[Story, Comment]) -> None:
    url = f"/api/v1/comments/{conversation[1].id}/replies"
    etag = client.get(url).headers["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(f"{url}?cursor=3", headers={"If-None-Match": etag}).status_code == 200
