"""What is written of a site is what everybody may read, and brought in elsewhere it is written there again."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import erasure
from app.db import Database
from app.errors import Malformed
from app.interchange import exporter
from app.interchange.exporter import Exported
from app.interchange.parsing import Reading
from app.models import Comment, Site, Story
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.stories import publication, sites
from app.text import cleaning
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, old_systems
from tests.support.bringing import Bringing, told
from tests.support.databases import POSTGRES, SQLITE, Databases
from tests.support.old_systems import SYSTEMS

AT = datetime(2020, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)
TEXTS = [
    "Plain.",
    "Two\nlines, *slanted* and **bold**, [a link](https://example.com/a_b?c=d&e=%20).",
    "It isn't <b>HTML</b> &amp; never was: 1 < 2 > 0.",
    "a backslash\\\nat the end of a line",
    r"\N",
    "NULL",
    "> quoted\n\nAnswered. “naïve” 日本 🦀 עברית",
    "```\n  code = *a*\n```",
    '{"id": 1}',
]


def written(database: Database) -> tuple[bytes, Exported]:
    file = io.BytesIO()
    done = exporter.export(database, sites.by_key(database, "paper"), file, lambda *_: None)
    return file.getvalue(), done


def lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "paper")


@pytest.fixture
def elsewhere(databases: Databases, database: Database) -> Iterator[Database]:
    """Another installation, on the other kind of database."""
    kind = POSTGRES if database.engine.dialect.name == "sqlite" else SQLITE
    with databases.empty(kind) as other:
        with other.transaction() as session:
            factories.site(session, "paper")
        yield other


def talk(session: Session, site: Site) -> None:
    """Conversations of every sort, of people of every sort."""
    ann, bob, gone, staff = (
        factories.account(session, name) for name in ("Ann", "Jürgen Öz", "Cid", "Reader 12345678")
    )
    plan = factories.story(session, site, "2026/harbour-plan")
    page, untitled = factories.story(session, site, "https://paper.example/a"), factories.story(session, site, "b c")
    page.url, untitled.url, untitled.title = "https://paper.example/a", "https://paper.example/b%20c", ""
    for n, text in enumerate(TEXTS):
        factories.comment(
            session, (plan, page, untitled)[n % 3], (ann, bob, gone, staff)[n % 4], text, at=AT + n * SECOND
        )
    for kept in (REMOVED, DELETED, HELD, WITHHELD):
        root = factories.comment(session, plan, ann, f"{kept}, and nobody answered", at=AT, state=kept)
        root = factories.comment(session, plan, ann, f"{kept}, and answered", at=AT)
        below = factories.comment(session, plan, bob, f"{kept} below", parent=root, at=AT + SECOND)
        for n in range(3):
            factories.comment(session, plan, gone, f"answer {n}", parent=below, at=AT + n * SECOND)
        for comment in (root, below):
            publication.set_state(session, comment, kept)
    erasure.erase(session, gone.id)


SECOND = timedelta(seconds=1)


def test_what_was_brought_in_elsewhere_is_written_the_same(
    database: Database, elsewhere: Database, site: Site, settings: Settings, house: HouseRules, tmp_path: Path
) -> None:
    with database.transaction() as session:
        talk(session, site)
    first, done = written(database)
    path = tmp_path / "export.jsonl"
    path.write_bytes(first)
    brought = Bringing(elsewhere, settings, house).bring(path, Reading(html=False))
    assert {row.reason for row in brought.refused} == {"deleted"}
    assert len(brought.refused) == done.places == 8
    assert brought.tally.states == {PUBLISHED: done.comments}
    second, _ = written(elsewhere)
    assert lines(second) == lines(first)
    assert sorted(second.splitlines()) == sorted(first.splitlines())
    with database.reading() as here, elsewhere.reading() as there:
        ids = select(Comment.id, Comment.depth, Comment.root_id).order_by(Comment.id)
        assert set(there.execute(ids)) <= set(here.execute(ids))
        assert [story.comment_count for story in there.scalars(select(Story).order_by(Story.key))] == [
            story.comment_count for story in here.scalars(select(Story).order_by(Story.key))
        ]


def test_only_what_everybody_may_read_is_written(database: Database, site: Site) -> None:
    with database.transaction() as session:
        talk(session, site)
    content, done = written(database)
    told_of = lines(content)
    assert [line["text"] for line in told_of if "nobody answered" in line.get("text", "")] == []
    assert [line for line in told_of if line.get("state") and ("text" in line or "author" in line)] == []
    assert (done.comments, done.places) == (len(TEXTS) + 12, 8)
    assert done.left == {REMOVED: 1, DELETED: 1, HELD: 1, WITHHELD: 1}
    assert not [line for line in told_of if line.get("author") == "Deleted account"]
    # of what is gone its time and its place are told
    assert {line["state"] for line in told_of if "state" in line} == {"deleted"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_so_is_the_history_of_another_system(
    database: Database,
    elsewhere: Database,
    site: Site,
    settings: Settings,
    house: HouseRules,
    tmp_path: Path,
    system: str,
) -> None:
    Bringing(database, settings, house).bring(SYSTEMS[system](tmp_path))
    first, _ = written(database)
    path = tmp_path / "export.jsonl"
    path.write_bytes(first)
    Bringing(elsewhere, settings, house).bring(path, Reading(html=False))
    assert written(elsewhere)[0] == first
    with database.reading() as here, elsewhere.reading() as there:
        assert told(here) == told(there)


def test_brought_in_where_it_came_from_it_is_there_twice_under_other_ids(
    database: Database, site: Site, settings: Settings, house: HouseRules, tmp_path: Path
) -> None:
    Bringing(database, settings, house).bring(old_systems.disqus(tmp_path))
    path = tmp_path / "export.jsonl"
    path.write_bytes(written(database)[0])
    brought = Bringing(database, settings, house, "itself").bring(path, Reading(html=False))
    assert brought.tally.taken == 3
    ids = [line["id"] for line in lines(written(database)[0])]
    assert len(set(ids)) == len(ids) == 8


def is_comment(text: str) -> bool:
    try:
        return cleaning.comment(text, 5000) == text
    except (Malformed, UnicodeError):
        return False


@hypothesis(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(min_size=1).filter(is_comment), min_size=1, max_size=8))
@pytest.mark.parametrize("database", [SQLITE], indirect=True)
def test_no_text_changes_on_the_way(
    database: Database,
    settings: Settings,
    house: HouseRules,
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
) -> None:
    path = tmp_path_factory.mktemp("way") / "export.jsonl"
    with database.transaction() as session:
        known = sites.listed(session)
        story = factories.story(session, known[0] if known else factories.site(session, "paper"))
    base = {"author": "Ann", "story": story.key, "created_at": AT.isoformat()}
    path.write_text(
        "".join(json.dumps(base | {"id": f"{story.id}-{n}", "text": t}) + "\n" for n, t in enumerate(texts))
    )
    brought = Bringing(database, settings, house).bring(path, Reading(html=False))
    assert not brought.refused
    found = [line["text"] for line in lines(written(database)[0]) if line["story"] == story.key]
    assert found == texts
