"""GET /api/v1/stories/<key>/comments"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.db import Database
from app.models import Comment, Story
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.stories import publication
from app.threads.slices import FIRST_REPLIES, SLICE_ROOTS
from tests.support import factories
from tests.support.callers import cookie_of
from tests.support.sql import counted

URL = "/api/v1/stories/harbour/comments"
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def story(database: Database) -> Story:
    with database.transaction() as session:
        return factories.story(session, factories.site(session), "harbour")


def written(session: Session, story: Story, number: int, **options: Any) -> Comment:
    """A comment by a new author, `number` minutes after the story began."""
    author = factories.account(session, f"Author {number}")
    return factories.comment(session, story, author, f"text {number}", at=BEGAN + timedelta(minutes=number), **options)


def texts(comments: list[dict[str, Any]]) -> list[str]:
    """The texts of comments and their replies, as they are read down the page."""
    return [line for comment in comments for line in (comment["html"], *texts(comment["replies"]))]


def test_everyone_reads(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        written(session, story, 1)
    answer = client.get(URL)
    assert answer.status_code == 200
    (comment,) = answer.get_json()["comments"]
    assert comment["html"] == "<p>text 1</p>"
    assert comment["tree"] == [{"kind": "paragraph", "content": ["text 1"]}]
    assert comment["author"]["name"] == "Author 1"
    assert comment["permalink"].endswith(f"/comments/{comment['id']}")
    assert answer.get_json()["story"]["comment_count"] == 1


@pytest.mark.parametrize("key", ["never-heard-of", "%00", "%ff", "a" * 300])
def test_an_unknown_story_reads_as_empty(client: FlaskClient, story: Story, key: str) -> None:
    answer = client.get(f"/api/v1/stories/{key}/comments")
    assert answer.status_code == 200
    found = answer.get_json()
    assert {rule["id"] for rule in found.pop("house")["rules"]} >= {"respect", "threat"}
    assert found == {"story": None, "sort": "newest", "comments": [], "next": None, "newest": None}


def test_an_unknown_newspaper_is_not_found(client: FlaskClient, story: Story) -> None:
    assert client.get(f"{URL}?site=nowhere").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["sort=best", "cursor=x", "cursor=-1", "cursor=1.2", "cursor=1%00", "cursor=99999999999999999999", "cursor=%D9%A3",
     "sort=respected&cursor=1", "sort=respected&cursor=1.2.3", "cursor=9223372036854775808"],
)  # fmt: skip
def test_what_is_no_page_of_it_is_malformed(client: FlaskClient, story: Story, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 422


def test_the_orders(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        for number, respects in ((1, 5), (2, 0), (3, 5), (4, 9)):
            comment = written(session, story, number)
            comment.respect_count = respects
            for _ in range((number * 2) % 5):
                factories.comment(session, story, factories.account(session), parent=comment)
    orders = (("newest", "4321"), ("oldest", "1234"), ("respected", "4312"), ("discussed", "2413"))
    for sort, order in orders:
        comments = client.get(f"{URL}?sort={sort}").get_json()["comments"]
        assert [comment["html"] for comment in comments] == [f"<p>text {number}</p>" for number in order]
    assert [comment["conversation_count"] for comment in comments] == [4, 3, 2, 1]


def test_the_next_page_goes_on_where_the_first_ended(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        for number in range(SLICE_ROOTS + 2):
            written(session, story, number)
    first = client.get(URL).get_json()
    assert len(first["comments"]) == SLICE_ROOTS
    second = client.get(f"{URL}?cursor={first['next']}").get_json()
    assert texts(second["comments"]) == ["<p>text 1</p>", "<p>text 0</p>"]
    assert second["next"] is None


def test_replies_are_nested_under_what_they_answer(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        root = written(session, story, 1)
        reply = written(session, story, 2, parent=root)
        written(session, story, 3, parent=root)
        written(session, story, 4, parent=reply)
    (comment,) = client.get(URL).get_json()["comments"]
    assert texts([comment]) == [f"<p>text {number}</p>" for number in (1, 2, 4, 3)]


def test_below_the_deepest_level_replies_are_flat_and_name_what_they_answer(
    client: FlaskClient, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        parent = written(session, story, 0)
        for number in range(1, 9):
            parent = written(session, story, number, parent=parent)
    (comment,) = client.get(URL).get_json()["comments"]
    for _level in range(5):
        (comment,) = comment["replies"]
    flat = comment["replies"]
    assert texts(flat) == ["<p>text 6</p>", "<p>text 7</p>", "<p>text 8</p>"]
    assert [reply["in_reply_to"] and reply["in_reply_to"]["name"] for reply in flat] == [None, "Author 6", "Author 7"]


def test_a_long_conversation_shows_its_first_replies_and_says_that_there_are_more(
    client: FlaskClient, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        root = written(session, story, 0)
        for number in range(1, FIRST_REPLIES + 3):
            written(session, story, number, parent=root)
    (comment,) = client.get(URL).get_json()["comments"]
    assert len(comment["replies"]) == FIRST_REPLIES
    assert comment["more"] == str(FIRST_REPLIES)


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_is_not_published_is_not_there(client: FlaskClient, database: Database, story: Story, state: str) -> None:
    with database.transaction() as session:
        root = written(session, story, 1)
        written(session, story, 2, parent=root, state=state)
        written(session, story, 3, state=state)
    answer = client.get(URL)
    assert texts(answer.get_json()["comments"]) == ["<p>text 1</p>"]
    assert "Author 2" not in answer.text
    assert "text 3" not in answer.text


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_with_published_replies_it_leaves_a_tombstone_without_text_or_author(
    client: FlaskClient, database: Database, story: Story, state: str
) -> None:
    with database.transaction() as session:
        root = written(session, story, 1)
        reply = written(session, story, 2, parent=root)
        written(session, story, 3, parent=reply)
        for comment in (root, reply):
            publication.set_state(session, comment, state)
    answer = client.get(URL)
    assert texts(answer.get_json()["comments"]) == [None, None, "<p>text 3</p>"]
    (tombstone,) = answer.get_json()["comments"]
    assert (tombstone["state"], tombstone["author"]) == (state, None)
    for hidden in ("text 1", "text 2", "Author 1", "Author 2", str(root.account_id)):
        assert hidden not in answer.text


def test_a_reply_below_what_is_gone_hangs_on_the_nearest_that_is_there(
    client: FlaskClient, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        root = written(session, story, 1)
        gone = written(session, story, 2, parent=root)
        also_gone = written(session, story, 3, parent=gone)
        written(session, story, 4, parent=also_gone)
        for comment in (root, gone, also_gone):
            publication.set_state(session, comment, REMOVED)
    (comment,) = client.get(URL).get_json()["comments"]
    assert texts([comment]) == [None, None, "<p>text 4</p>"]


def test_staff_of_the_paper_wear_a_badge_at_their_own_paper(
    client: FlaskClient, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        site = session.get_one(type(factories.site(session)), story.site_id)
        elsewhere = factories.site(session)
        for author in (
            factories.staff(session, "editor", "Here", at=site),
            factories.staff(session, "editor", "Everywhere"),
            factories.staff(session, "editor", "Elsewhere", at=elsewhere),
        ):
            factories.comment(session, story, author)
    authors = [comment["author"] for comment in client.get(URL).get_json()["comments"]]
    assert {author["name"]: author["staff"] for author in authors} == {
        "Here": True,
        "Everywhere": True,
        "Elsewhere": False,
    }


def test_every_cache_may_keep_it_for_a_moment_and_no_cookie_touches_it(
    client: FlaskClient, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        reader = factories.account(session)
    with client.session_transaction() as cookie:
        cookie.update(cookie_of(reader))
        cookie.permanent = True
    answer = client.get(URL)
    assert answer.headers["Cache-Control"] == "public, max-age=5, stale-while-revalidate=30"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


def test_an_unchanged_page_is_a_304_for_one_statement(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        root = written(session, story, 1)
    etag = client.get(URL).headers["ETag"]
    with counted(database) as statements:
        again = client.get(URL, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"].startswith("public")
    assert len(statements) == 1
    with database.transaction() as session:
        written(session, story, 2, parent=root)
    assert client.get(URL, headers={"If-None-Match": etag}).status_code == 200


def test_a_removed_comment_changes_the_tag(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        comment = written(session, story, 1)
        written(session, story, 2, parent=comment)
    tags = set()
    for state in (PUBLISHED, HELD, WITHHELD, REMOVED, PUBLISHED):
        with database.transaction() as session:
            publication.set_state(session, session.get_one(Comment, comment.id), state)
        tags.add(client.get(URL).headers["ETag"])
    assert len(tags) == 5


def test_each_order_and_page_has_a_tag_of_its_own(client: FlaskClient, database: Database, story: Story) -> None:
    with database.transaction() as session:
        written(session, story, 1)
    queries = ("sort=newest", "sort=oldest", "sort=respected", "cursor=1", "cursor=2", "sort=oldest&cursor=1")
    assert len({client.get(f"{URL}?{query}").headers["ETag"] for query in queries}) == len(queries)


@pytest.mark.parametrize("cursor", ["%22", "%0D%0AX:%201", "%E2%82%AC", "x"])
def test_what_is_no_cursor_is_refused_and_not_said_again(client: FlaskClient, story: Story, cursor: str) -> None:
    """Also of a story that is not there, or of what a cache has already."""
    for url in (URL, "/api/v1/stories/nowhere/comments"):
        for headers in ({}, {"If-None-Match": "*"}):
            answer = client.get(f"{url}?cursor={cursor}", headers=headers)
            assert (answer.status_code, "ETag" in answer.headers) == (422, False)
