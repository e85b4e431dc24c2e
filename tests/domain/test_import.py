"""Histories come in through the live pipeline: counted, judged, queued, once, and across a kill."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.interchange import importer
from app.interchange.importer import Import, ScorerDown, Tally
from app.interchange.parsing import Reading
from app.interchange.records import BadRow
from app.models import (
    Account,
    Assessment,
    Comment,
    ImportedRow,
    Item,
    Revision,
    Sanction,
    Site,
    Statement,
    Story,
    Strike,
)
from app.stories import sites
from app.toxicity.scorer import Scorer
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.databases import POSTGRES, SQLITE
from tests.support.repository import REPOSITORY
from tests.support.scorers import Silent

HEADER = "id,author,story,parent,created_at,text"


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "paper")


def run(
    database: Database, house: HouseRules, file: Path, lines: list[str], scorer: Scorer | None = None
) -> tuple[Tally, list[BadRow]]:
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    refused: list[BadRow] = []
    site = sites.by_key(database, "paper")
    settings = Settings(environment="test", database_url=database.url, secret_key="s" * 40, digest_key="d" * 40)
    it = assembled(settings, house, database, scorer=scorer)
    job = Import(it, site, "old", refused.append, lambda *_: None)
    return job.run(file, Reading()), refused


def test_a_history_comes_in_with_its_own_times_authors_and_replies(
    database: Database, house: HouseRules, site: Site, tmp_path: Path
) -> None:
    lines = [
        "2,bob,tide,1,2016-03-01T11:00:00Z,an answer that stands before its question",
        "1,ann,tide,,2016-03-01T10:00:00Z,a question",
        "3,ann,tide,2,2016-03-01T12:00:00Z,a thank-you",
    ]
    tally, refused = run(database, house, tmp_path / "a.csv", lines)
    assert (tally.taken, refused) == (3, [])
    with database.reading() as session:
        comments = session.scalars(select(Comment).order_by(Comment.id)).all()
        story = session.scalars(select(Story)).one()
        names = {account.id: account.name for account in session.scalars(select(Account))}
    assert [c.text for c in comments] == [
        "a question", "an answer that stands before its question", "a thank-you",
    ]  # fmt: skip
    assert [(c.depth, c.position, c.reply_count, c.origin) for c in comments] == [
        (0, 0, 1, "import"), (1, 1, 1, "import"), (2, 2, 0, "import"),
    ]  # fmt: skip
    assert [names[c.account_id] for c in comments] == ["ann", "bob", "ann"]
    assert comments[0].created_at.isoformat() == "2016-03-01T10:00:00+00:00"
    assert story.comment_count == 3


def test_history_is_judged_and_queued_but_nobody_is_punished(
    database: Database, house: HouseRules, site: Site, tmp_path: Path
) -> None:
    lines = [
        "1,ann,tide,,2016-03-01,fine",
        "2,bob,tide,,2016-03-01,doubtful [insult=0.6]",
        "3,cid,tide,,2016-03-01,bad [insult=0.99]",
        "4,dan,tide,,2016-03-01,worse [threat=0.999]",
    ]
    tally, _ = run(database, house, tmp_path / "b.csv", lines)
    assert tally.states == {"published": 2, "held": 1, "withheld": 1}
    with database.reading() as session:
        items = session.scalars(select(Item).order_by(Item.priority.desc())).all()
        assert [item.reasons for item in items] == [["severe"], ["hold"]]
        for punishment in (Sanction, Strike):
            assert session.scalar(select(func.count()).select_from(punishment)) == 0
        assert session.scalar(select(func.count()).select_from(Statement)) == 1  # withholding is a restriction
        assert session.scalar(select(func.count()).select_from(Assessment)) == 4
        assert session.scalar(select(func.count()).select_from(Revision)) == 4


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("9,ann,tide,,2016-03-01,\u200b\u200b", "empty"),
        (f"9,ann,tide,,2016-03-01,{'long ' * 1001}", "too_long"),
        ("9,ann,tide,77,2016-03-01,a reply to nothing", "unknown_parent"),
        ("9,ann,tide,9,2016-03-01,a reply to itself", "unknown_parent"),
        ("9,ann,ebb,1,2016-03-01,a reply across stories", "parent_elsewhere"),
        ("9,ann,https://elsewhere.example/x,,2016-03-01,on a foreign site", "url_not_allowed"),
        ("9,ann,tide,,never,text", "bad_created_at"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_and_the_others_are_taken(
    database: Database, house: HouseRules, site: Site, tmp_path: Path, line: str, reason: str
) -> None:
    tally, refused = run(database, house, tmp_path / "c.csv", [line, "1,ann,tide,,2016-03-01,good"])
    assert tally.taken == 1
    assert [(row.line, row.reason) for row in refused] == [(2, reason)]


def test_running_it_again_takes_nothing_twice(
    database: Database, house: HouseRules, site: Site, tmp_path: Path
) -> None:
    lines = [f"{n},a{n % 7},s{n % 3},,2016-03-01,text number {n}" for n in range(600)]
    assert run(database, house, tmp_path / "d.csv", lines)[0].taken == 600
    again, _ = run(database, house, tmp_path / "d.csv", [*lines, "x,a1,s1,4,2016-03-02,new"])
    assert (again.taken, again.already) == (1, 600)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Comment)) == 601


def test_names_that_clash_or_pass_for_the_paper_get_a_number(
    database: Database, house: HouseRules, site: Site, tmp_path: Path
) -> None:
    with database.transaction() as session:
        factories.account(session, "Ann Archer")
    lines = [
        f"{n},{author},tide,,2016-03-01,text {n}"
        for n, author in enumerate(["Ann Archer", "\u0410nn Archer", "Moderator"])
    ]
    run(database, house, tmp_path / "e.csv", lines)
    with database.reading() as session:
        names = set(session.scalars(select(Account.name).where(Account.origin == "import")))
    assert len(names) == 3
    assert not names & {"Ann Archer", "\u0410nn Archer", "Moderator"}


def test_without_a_scorer_the_import_stops_instead_of_holding_everything(
    database: Database, house: HouseRules, site: Site, tmp_path: Path
) -> None:
    with pytest.raises(ScorerDown):
        run(database, house, tmp_path / "f.csv", ["1,ann,tide,,2016-03-01,good"], Silent())
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Comment)) == 0


@pytest.mark.parametrize(
    ("database", "batches", "kills"),
    [
        (SQLITE, 6, 2),
        pytest.param(SQLITE, 10, 3, marks=pytest.mark.long),
        pytest.param(POSTGRES, 10, 3, marks=pytest.mark.long),
    ],
    indirect=["database"],
)
def test_a_killed_import_goes_on_without_a_double_or_a_gap(
    database: Database, settings: Settings, site: Site, tmp_path: Path, batches: int, kills: int
) -> None:
    draw = random.Random(5)
    total = batches * importer.BATCH_ROWS
    lines = [
        f"{n},author {n % 50},story {n % 10},{n - 10 if n >= 10 and n % 3 else ''},2016-03-01,comment number {n}"
        for n in range(total)
    ]
    file = tmp_path / "history.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    command = [sys.executable, "-m", "app.cli.main", "import", str(file)]
    environment = os.environ | {
        "BTL_ENVIRONMENT": "test",
        "BTL_DATABASE_URL": settings.database_url,
        "BTL_VAR": str(settings.var),
    }
    for _ in range(kills):
        process = subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        taken = _count(database)
        while process.poll() is None and _count(database) <= taken:
            time.sleep(0.02)
        time.sleep(draw.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, env=environment, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    with database.reading() as session:
        assert _count(database) == total
        assert session.scalar(select(func.count(ImportedRow.external_id.distinct()))) == total
        counts = Counter(session.scalars(select(Comment.story_id).where(Comment.state == "published")))
        assert {s.id: s.comment_count for s in session.scalars(select(Story))} == counts


def _count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Comment)) or 0
