"""What is typed wrongly is answered with one line and 2, what is found amiss with 1, and nothing with a traceback."""

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
    }
    for name, content in contents.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    return {name: str(tmp_path / f"{name}.csv") for name in contents} | {
        "FOLDER": str(tmp_path),
        "MISSING": "/none.csv",
    }


MISTAKES = [
    "site add paper --name Paper --origin paper.example",
    "site add paper --name Paper --origin https://paper.example/stories",
    "site add Paper --name Paper --origin https://paper.example",
    "site add paper --name  --origin https://paper.example",
    "site add known --name Known --origin https://known.example",
    "site show nope",
    "site set nope --name Nope",
    "site set known",
    "site remove nope",
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
    "policy check MISSING",
    "policy check FOLDER",
    "policy check BINARY",
    "serve --port 80000",
    "serve --port -1",
    "serve --address 999.1.1.1",
    "serve --workers 0",
    "serve --threads 0",
    "billing why nobody@example.org",
    "billing why nobody",
    "billing reconcile --account nobody@example.org",
    "billing reconcile --since yesterday",
    "billing link MISSING",
    "billing link HISTORY",
    "billing link BINARY",
    "perspective key revoke nothing",
    "perspective key create ",
    "perspective key create key --per-second 0",
    "perspective key create key --languages german",
    "perspective key set nothing --per-second 1",
    "perspective key set nothing",
    "score --file MISSING",
    "score --file BINARY --column text",
    "score --scorer nobody Hello",
    "scorer report --site nope",
    "scorer prepare --model ../nope",
    "train --data FOLDER",
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


def test_a_database_that_is_away_is_named(settings: Settings) -> None:
    away = "postgresql://nobody@127.0.0.1:9/nothing"
    done = btl(settings, "site", "list", BTL_DATABASE_URL=away)
    assert (done.returncode, done.stderr.startswith("Error: BTL_DATABASE_URL: ")) == (1, True)
