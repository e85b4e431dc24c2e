"""Reading costs the same in a story of thousands: few statements, each by an index; none scans or sorts a table."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, insert, literal, select, text
from sqlalchemy.orm import Session

from app.db import Database
from app.models import Account, Comment, Reaction, Story
from app.models.reaction import RESPECT
from app.stories import publication
from tests.support import factories
from tests.support.callers import Browser, Headers
from tests.support.conversations import BEGAN, Planted, Sketch, plant
from tests.support.databases import POSTGRES, SQLITE, Databases
from tests.support.sql import counted

SIZE = 5000
SCANNED = re.compile(r"(?:SCAN|Seq Scan on) (?:comments|reactions)(?:_\d)?\b")
SORTED = re.compile(r"TEMP B-TREE FOR ORDER BY|Sort Key")


@pytest.fixture(scope="module", params=[SQLITE, POSTGRES])
def database(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Database]:
    """One for all tests of the file: they read, and to plant so much takes longer than they do."""
    with databases.empty(request.param) as found:
        yield found


@pytest.fixture(scope="module")
def planted(database: Database) -> tuple[Story, list[Planted]]:
    """A story of SIZE comments among seven like it: single ones, chains 20 deep, and one conversation of a thousand."""
    with database.transaction() as session:
        site = factories.site(session)
        authors = [factories.account(session) for _ in range(200)]
        story = factories.story(session, site, "hot")
        comments = plant(session, story, authors, sketches())
        for number in range(1, 8):
            copy(session, story, factories.story(session, site), number)
        respects = {"story_id": story.id, "kind": RESPECT, "created_at": BEGAN}
        rows = [
            {"comment_id": comment.id, "account_id": authors[number % 200].id, **respects}
            for number, comment in enumerate(comments)
        ]
        session.execute(insert(Reaction), rows)
        put_forward(session, story, [comments[number] for number in (0, 700, 2500, 4000)])
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return story, comments


def sketches() -> list[Sketch]:
    long = [Sketch(None if number == 0 else number // 3) for number in range(1000)]
    chains = [Sketch(None if number % 20 == 0 else 999 + number, respects=number % 7) for number in range(2000)]
    return long + chains + [Sketch(respects=number % 5, common_ground=number % 40) for number in range(SIZE - 3000)]


def put_forward(session: Session, story: Story, comments: list[Planted]) -> None:
    """Pick a conversation of a thousand, replies far down and a single comment; that one stands first."""
    for planted in comments:
        comment = session.get_one(Comment, planted.id)
        publication.pick(session, comment, len(comments))
    publication.pin(session, comment)


def copy(session: Session, story: Story, to: Story, step: int) -> None:
    """Give another story the same comments, without leaving the database: a small table is rightly scanned."""
    moved = {"id", "root_id", "parent_id"}
    columns = Comment.__table__.columns
    values = [literal(to.id) if c.key == "story_id" else c + step if c.key in moved else c for c in columns]
    session.execute(insert(Comment).from_select(list(columns), select(*values).where(Comment.story_id == story.id)))


@pytest.fixture(scope="module")
def paths(planted: tuple[Story, list[Planted]]) -> list[str]:
    """What readers ask for, at the beginning and far into it, by program and by browser."""
    story, comments = planted
    middle, deep = comments[3500], comments[2500]
    return [
        "/api/v1/stories/hot/comments",
        "/api/v1/stories/hot/comments?sort=oldest",
        "/api/v1/stories/hot/comments?sort=respected",
        "/api/v1/stories/hot/comments?sort=discussed",
        "/api/v1/stories/hot/comments?sort=common_ground",
        f"/api/v1/stories/hot/comments?sort=common_ground&cursor=12.{middle.id}",
        "/api/v1/stories/hot/comments?sort=picked",
        f"/api/v1/stories/hot/comments?cursor={middle.id}",
        f"/api/v1/stories/hot/comments?sort=respected&cursor=3.{middle.id}",
        f"/api/v1/comments/{deep.id}",
        f"/api/v1/comments/{comments[0].id}",
        f"/api/v1/comments/{comments[0].id}/replies?cursor=500",
        f"/api/v1/counts?keys=hot&since={middle.id}",
        f"/stories/{story.id}/feed.atom",
        "/feed.json",
        f"/stories/{story.id}",
        f"/comments/{deep.id}",
        f"/comments/{comments[0].id}/replies?cursor=500",
    ]


def test_a_page_takes_at_most_six_statements(
    client: FlaskClient, database: Database, planted: tuple[Story, list[Planted]], paths: list[str]
) -> None:
    assert max(comment.depth for comment in planted[1]) >= 19
    client.get(paths[0])
    for path in paths:
        with counted(database) as statements:
            assert client.get(path).status_code == 200
        assert len(statements) <= 6, path


@pytest.mark.parametrize("own", [False, True])
def test_no_statement_of_a_reader_scans_or_sorts_a_table(
    database: Database,
    paths: list[str],
    browser: Callable[[Account | None], Browser],
    client: FlaskClient,
    bearer: Callable[[Account], Headers],
    own: bool,
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
    with executed(database) as statements:
        if own:
            assert client.get("/api/v1/stories/hot/mine", headers=bearer(reader)).status_code == 200
        else:
            for path in paths:
                assert browser(None).get(path).status_code == 200
    reads = [(statement, parameters) for statement, parameters in statements if "comments" in statement]
    assert reads
    for statement, parameters in reads:
        plan = explain(database, statement, parameters)
        assert not SCANNED.search(plan), f"{statement}\n{plan}"
        assert own or not SORTED.search(plan), f"{statement}\n{plan}"


@contextmanager
def executed(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that run inside the block, with their parameters."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        found.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def explain(database: Database, statement: str, parameters: Any) -> str:
    """How the database would run a statement."""
    prefix = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.reading() as session:
        rows = session.connection().exec_driver_sql(prefix + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)
