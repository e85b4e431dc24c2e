"""btl export, btl import --dry-run, and what an import goes by, as an operator types them."""

import gzip
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.models import Model
from config.settings import Settings
from tests.support import factories, old_systems
from tests.support.commands import btl


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_it_writes_a_file_that_can_be_brought_in(
    database: Database, settings: Settings, tmp_path: Path, name: str
) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session, "paper"))
        root = factories.comment(session, story, factories.account(session, "Ann"), "The <b> tag.")
        factories.comment(session, story, factories.account(session, "Bob"), "Waits.", parent=root, state="held")
    done = btl(settings, "export", str(tmp_path / name))
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert "1 comments written, and 0 places of others that were answered." in done.stdout
    assert "1 held, not in it" in done.stdout
    content = (tmp_path / name).read_bytes()
    (line,) = (gzip.decompress(content) if name.endswith(".gz") else content).splitlines()
    assert json.loads(line)["text"] == "The <b> tag."
    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == [name]
    again = btl(settings, "import", "--text", "--dry-run", str(tmp_path / name))
    assert "1 comments would be taken, 0 were in already, 0 refused." in again.stdout


@pytest.mark.parametrize("where", ["none/out.jsonl", "."])
def test_where_nothing_can_be_written_it_says_so(
    database: Database, settings: Settings, tmp_path: Path, where: str
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    done = btl(settings, "export", str(tmp_path / where))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("system", old_systems.SYSTEMS)
def test_a_dry_run_says_what_would_be_and_leaves_nothing(
    database: Database, settings: Settings, tmp_path: Path, system: str
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    path, refusals = old_systems.SYSTEMS[system](tmp_path), tmp_path / "refused.csv"
    before = counts(database)
    said = btl(settings, "import", "--dry-run", str(path), "--refusals", str(refusals)).stdout
    assert "3 comments would be taken, 0 were in already," in said
    assert counts(database) == before
    would = refusals.read_text()
    done = btl(settings, "import", str(path), "--refusals", str(refusals)).stdout
    assert done == said.replace("would be taken", "taken")
    assert refusals.read_text() == would


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Model.metadata.sorted_tables
        }


def test_a_later_export_under_another_name_adds_what_is_new(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    first = old_systems.disqus(tmp_path)
    later = first.rename(tmp_path / "paper-2024-05-01-all.xml")
    assert "3 comments taken" in btl(settings, "import", str(later)).stdout
    again = later.rename(tmp_path / "paper-2024-06-01-all.xml")
    assert "0 comments taken, 3 were in already" in btl(settings, "import", str(again)).stdout
