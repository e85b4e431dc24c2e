"""What is typed wrongly is answered with one line and 2, what is found amiss with 1, and nothing with a traceback."""

import os
from pathlib import Path

import click
import pytest

from app.cli.main import main
from app.db import Database
from config.settings import Settings
from tests.support.commands import btl


def every_command(group: click.Group, *words: str) -> list[tuple[str, ...]]:
    """The words of each command, of all groups."""
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        here = (*words, name)
        found += every_command(command, *here) if isinstance(command, click.Group) else [here]
    return found


# all that have settings to read before anything else
ALL = [words for words in every_command(main) if words not in (("demo",), ("serve",), ("train",), ("init",))]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Files as an operator may have them, by what they are called below."""
    contents = {
        "HISTORY": b"id,author,parent,created_at,text\n1,Ada,,2026-01-01,Hello\n",
        "EMPTY": b"",
        "BINARY": b"\xff\xfe\x00\x01\n\xff",
        "LIST": b"customer,account\ncus_1,1\n",
        "LISTS": b"[[thresholds]]\ntoxicity = 1\n",
    }
    for name, content in contents.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    os.mkfifo(tmp_path / "pipe")
    return {name: str(tmp_path / f"{name}.csv") for name in contents} | {
        "FOLDER": str(tmp_path),
        "PIPE": str(tmp_path / "pipe"),
        "MISSING": "/none.csv",
    }


MISTAKES = [
    "site add paper --name Paper --origin paper.example",
    "site add paper --name Paper --origin https://paper.example/stories",
    "site add Paper --name Paper --origin https://paper.example",
    "site add paper --name  --origin https://paper.example",
    "site add known --name Known --origin https://known.example",
    "site show nope",
    "site list nothing",
    "site set nope --name Nope",
    "site set known",
    "site set known --log-in https://[::1",
    "site add paper --name Paper --origin https://[::1",
    "site remove nope",
    "site key create nope pages --scope stories",
    "site key create known pages --scope nope",
    "site key create known  --scope stories",
    "site key list known",
    "site key revoke nope pages",
    "site key revoke known pages",
    "site webhook add nope desk --url https://desk.example --event comment.published",
    "site webhook add known desk --url https://desk.example --event nope",
    "site webhook add known desk --url http://desk.example --event comment.published",
    "site webhook add known desk --url https://[::1 --event comment.published",
    "site webhook add known desk --url https://desk.example:70000 --event comment.published",
    "site webhook list known",
    "site webhook log known desk",
    "site webhook rotate known desk",
    "site webhook remove known desk",
    "site webhook replay known desk",
    "site webhook replay known desk --id 0",
    "site webhook replay known desk --id 99999999999999999999999",
    "site webhook replay known desk --since yesterday",
    "site webhook replay known desk --since 0001-01-01",
    "site webhook replay known desk --since 9999-12-31",
    "site webhook replay known desk --since 2026-11-30 --id 7",
    "moderator add nobody@example.org",
    "moderator add nobody",
    "moderator add nobody@example.org --site nope",
    "moderator remove nobody@example.org",
    "import HISTORY",
    "import HISTORY --site nope",
    "import HISTORY --column nonsense",
    "import EMPTY",
    "import BINARY",
    "import MISSING",
    "import FOLDER",
    "import HISTORY --refusals FOLDER",
    "import HISTORY --source \udcff",
    "import HISTORY --column id=\udcff",
    "export",
    "export FOLDER",
    "export PIPE",
    "export /none/history.jsonl",
    "export HISTORY --site nope",
    "policy check MISSING",
    "policy check FOLDER",
    "policy check BINARY",
    "demo --port 80000",
    "demo --port 65535",
    "demo --port -1",
    "demo --port 0",
    "demo nothing",
    "db upgrade nothing",
    "db nothing",
    "doctor nothing",
    "init /none/settings.env",
    "init FOLDER",
    "init --sqlite --postgresql postgresql://localhost/btl",
    "init --postgresql sqlite:///btl.db",
    "init --postgresql postgresql://me:secret@localhost:port/btl",
    "init --postgresql postgresql://localhost/btl?nope=1",
    "mail bounced nothing",
    "mail nothing",
    "worker nothing",
    "serve --port 80000",
    "serve --port -1",
    "serve --address 999.1.1.1",
    "serve --workers 0",
    "serve --workers 99999999999999999999",
    "serve --threads 0",
    "serve --threads 99999999999999999999",
    "billing why nobody@example.org",
    "billing why nobody",
    "billing why 1 --site nope",
    "billing reconcile --account nobody@example.org",
    "billing reconcile --since yesterday",
    "billing reconcile --since 0001-01-01",
    "billing reconcile --since 9999-12-31",
    "billing reconcile --account 99999999999999999999999",
    "billing why 99999999999999999999999",
    "billing status nothing",
    "billing adopt nothing",
    "billing rekey nothing",
    "billing check-names nothing",
    "billing link MISSING",
    "billing link HISTORY",
    "billing link BINARY",
    "perspective key revoke nothing",
    "perspective key create ",
    "perspective key create key --per-second 0",
    "perspective key create key --per-second 99999999999999999999",
    "perspective key set key --per-minute 99999999999999999999",
    "perspective key list nothing",
    "perspective key create key --languages german",
    "perspective key set nothing --per-second 1",
    "perspective key set nothing",
    "score --file MISSING",
    "score --file BINARY --column text",
    "score --scorer nobody Hello",
    "score --file HISTORY --column nope",
    "score \udcff",
    "scorer report --site nope",
    "scorer report --days 99999999999999999999",
    "scorer report --what-if BINARY",
    "scorer report --what-if EMPTY --hold nan",
    "scorer report --what-if LISTS",
    "scorer report --hold nope=0.5",
    "scorer report --out HISTORY",
    "scorer prepare --model ../nope",
    "scorer prepare --checkpoint BINARY --sha256 zz",
    "scorer prepare --checkpoint MISSING",
    "train --data FOLDER",
    "train --data MISSING",
    "train --own BINARY --data FOLDER",
    "moderator list nothing",
    "moderator remove nobody",
    "nothing",
    "site nothing",
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("typed", MISTAKES)
def test_a_mistake_is_one_line_and_2(settings: Settings, database: Database, files: dict[str, str], typed: str) -> None:
    assert btl(settings, "site", "add", "known", "--name", "Known", "--origin", "https://known.example").returncode == 0
    done = btl(settings, *(files.get(word, word) for word in typed.split(" ")))
    assert done.returncode == 2, done.stderr
    said = [line for line in done.stderr.splitlines() if line and not line.startswith(("Usage:", "Try "))]
    assert len(said) == 1
    assert said[0].startswith("Error: ")
    assert "There is nothing here." not in said[0]


def test_there_is_a_mistake_for_every_command() -> None:
    typed = [tuple(mistake.split()) for mistake in MISTAKES]
    unasked = [words for words in every_command(main) if not any(words == each[: len(words)] for each in typed)]
    assert not unasked


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_names_the_setting_that_is_wrong(
    settings: Settings, files: dict[str, str], words: tuple[str, ...]
) -> None:
    """Or does without settings. None waits for anybody, since none gets that far."""
    given = [*words, *(["x"] * sum(isinstance(each, click.Argument) for each in command(words).params))]
    done = btl(settings, *given, BTL_MAIL="pigeon")
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr


def command(words: tuple[str, ...]) -> click.Command:
    found: click.Command = main
    for word in words:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    return found


@pytest.mark.parametrize("words", ["site list", "moderator list", "perspective key list", "billing status"])
def test_before_the_database_is_there_every_command_says_what_helps(
    settings: Settings, tmp_path: Path, words: str
) -> None:
    done = btl(settings, *words.split(), BTL_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
    assert (done.returncode, done.stderr) == (2, "Error: the database is behind: run btl db upgrade\n")


def test_a_file_that_is_no_database_is_named(settings: Settings, files: dict[str, str]) -> None:
    done = btl(settings, "site", "list", BTL_DATABASE_URL=f"sqlite:///{files['HISTORY']}")
    assert (done.returncode, done.stderr) == (2, "Error: BTL_DATABASE_URL: file is not a database\n")


def test_a_database_that_is_away_is_named(settings: Settings) -> None:
    away = "postgresql://nobody@127.0.0.1:9/nothing"
    done = btl(settings, "site", "list", BTL_DATABASE_URL=away)
    assert (done.returncode, done.stderr.startswith("Error: BTL_DATABASE_URL: ")) == (1, True)
