"""Of a long history of any system every row is in, or has its line: counted, in place, and across a stop."""

import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.interchange.parsing import Reading, rows
from app.models import Comment, ImportedRow, Story
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, old_posts
from tests.support.bringing import Bringing, Brought
from tests.support.databases import POSTGRES, SQLITE
from tests.support.old_posts import SYSTEMS


@pytest.mark.parametrize(
    ("database", "system", "hundreds"),
    [
        *((SQLITE, system, 3) for system in SYSTEMS),
        (POSTGRES, "disqus", 3),
        (SQLITE, "wordpress", 20),
        *(pytest.param(SQLITE, system, 500, marks=pytest.mark.long) for system in SYSTEMS),
        pytest.param(POSTGRES, "disqus", 500, marks=pytest.mark.long),
    ],
    indirect=["database"],
)
def test_every_row_is_in_or_has_its_line(
    database: Database, settings: Settings, house: HouseRules, tmp_path: Path, system: str, hundreds: int
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    paper, path = Bringing(database, settings, house), SYSTEMS[system](tmp_path, hundreds)
    check(database, paper.bring(path), hundreds)
    again = paper.bring(path)
    assert (again.tally.taken, again.tally.already) == (0, old_posts.TAKEN * hundreds)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_longer_file_needs_no_more_memory_to_be_read(tmp_path: Path, system: str) -> None:
    short, long = (SYSTEMS[system](folder(tmp_path, str(hundreds)), hundreds) for hundreds in (5, 50))
    # a fourth, not nothing: whatever else runs in this process is counted, too
    assert peak(long) - peak(short) < (size(long) - size(short)) / 4


def folder(above: Path, name: str) -> Path:
    made = above / name
    made.mkdir()
    return made


def size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def peak(path: Path) -> int:
    """The most bytes of ours that reading a file held at a time."""
    tracemalloc.start()
    try:
        for row in rows(path, Reading(html=False)):
            assert row
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check(database: Database, brought: Brought, hundreds: int) -> None:
    assert brought.tally.taken == old_posts.TAKEN * hundreds
    reasons = Counter(row.reason for row in brought.refused)
    assert reasons.pop("bad_created_at") == hundreds
    assert reasons.pop("unknown_parent") == len(old_posts.LOST) * hundreds
    assert sum(reasons.values()) == len(old_posts.GONE) * hundreds
    told_of = [row.id for row in brought.refused]
    assert len(set(told_of)) == len(told_of)
    with database.reading() as session:
        # one of the four that are gone is answered
        states = dict(session.execute(select(Comment.state, func.count()).group_by(Comment.state)).all())
        assert states == {"published": old_posts.TAKEN * hundreds, "deleted": hundreds}
        taken = set(session.scalars(select(ImportedRow.external_id)))
        assert taken | set(told_of) == {str(post.id) for post in old_posts.posts(hundreds)}
        counts = Counter(session.scalars(select(Comment.story_id).where(Comment.state == "published")))
        assert {story.id: story.comment_count for story in session.scalars(select(Story))} == counts
        assert session.scalar(select(func.max(Comment.depth))) == 2
