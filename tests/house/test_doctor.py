"""The doctor finds each thing that is set wrongly, and says in one line what to do."""

import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import doctor, doctor_setup
from app.cli.health import HealthFinding
from app.db import Database
from app.mail import senders
from app.models.api_key import GOOGLE, SECOND
from app.perspective import keys
from config.settings import Settings
from migrations import upgrade
from tests.support.commands import btl
from tests.support.hidden import hidden
from tests.support.perspective import make_key
from tests.support.processes import free_port
from tests.support.repository import REPOSITORY
from tests.support.serving import served
from tests.support.settings import environment_of, settings_for
from tests.support.stoppable import running
from tests.support.stripe_world import eventually
from tests.support.valkey import valkey

TOKEN = "a token for those who read the metrics"
BEHIND_A_PROXY = {"public_url": "https://comments.example", "proxies": 1, "mail_from": "comments@paper.example"}


@pytest.fixture
def well(tmp_path: Path) -> Settings:
    """An installation in production with which nothing is wrong that its settings tell."""
    database = Database(f"sqlite:///{tmp_path / 'var' / 'btl.db'}")
    upgrade.upgrade(database)
    database.close()
    settings = settings_for(database, tmp_path)
    return replace(settings, environment="production", metrics_token=TOKEN, **BEHIND_A_PROXY)  # type: ignore[arg-type]


def found(settings: Settings, part: str) -> HealthFinding:
    """What is said of one part; those after it are not looked at."""
    return next(finding for finding in doctor.examine(settings) if finding.part == part)


@pytest.mark.parametrize("part", ["address", "metrics", "files", "limits"])
def test_nothing_is_said_against_what_is_well(well: Settings, part: str) -> None:
    assert found(well, part).good


@pytest.mark.parametrize(
    ("wrong", "part", "helps"),
    [
        ({"proxies": 0}, "address", "set BTL_PROXIES"),
        ({"proxies": 0, "environment": "demo"}, "address", "set BTL_PROXIES"),
        ({"public_url": "http://comments.example"}, "address", "set BTL_PUBLIC_URL to an https:// address"),
        ({"metrics_token": ""}, "metrics", "set BTL_METRICS_TOKEN"),
        ({"mail": "console"}, "mail", "set BTL_MAIL=smtp and BTL_SMTP_URL"),
        ({"mail": "file"}, "mail", "set BTL_MAIL=smtp and BTL_SMTP_URL"),
        ({"mail": "smtp", "smtp_url": "smtp://127.0.0.1:9"}, "mail", "see BTL_SMTP_URL"),
        ({"mail": "smtp", "mail_from": "comments@localhost"}, "mail", "set BTL_MAIL_FROM"),
        ({"limits_url": "redis://127.0.0.1:9"}, "limits", "start it, or mend the address"),
    ],
    ids=str,
)
def test_what_is_set_wrongly_is_told_with_what_helps(
    well: Settings, wrong: dict[str, object], part: str, helps: str
) -> None:
    finding = found(replace(well, **wrong), part)  # type: ignore[arg-type]
    assert (finding.good, helps in finding.words, "\n" in finding.words) == (False, True, False), finding


@pytest.mark.parametrize("name", ["btl.db", "btl.db-wal", "btl.db-shm", "letters", "settings.env"])
@pytest.mark.parametrize("mode", [0o604, 0o606, 0o711, 0o755])
def test_what_others_can_read_is_named(well: Settings, monkeypatch: pytest.MonkeyPatch, name: str, mode: int) -> None:
    monkeypatch.chdir(well.var)
    there = well.var / name
    there.mkdir(exist_ok=True) if name == "letters" else there.touch()
    there.chmod(0o700)
    assert found(well, "files").good
    there.chmod(mode)
    finding = found(well, "files")
    assert not finding.good
    assert f"chmod -R o-rwx {there if name != 'settings.env' else name}" in finding.words


def test_the_settings_are_looked_for_where_the_units_read_them() -> None:
    units = (REPOSITORY / "docs/deploy").glob("*.service")
    read = {
        line.partition("=")[2] for unit in units for line in unit.read_text().splitlines() if "EnvironmentFile" in line
    }
    assert read <= set(map(str, doctor_setup.SETTINGS_FILES))


def test_what_is_new_on_the_disk_is_private_without_anybody_s_doing(well: Settings) -> None:
    database = Database(well.database_url)
    with database.transaction():
        pass
    assert found(well, "files").good
    database.close()


def test_a_store_that_stops_answering_is_noticed(well: Settings) -> None:
    with valkey() as store:
        shared = replace(well, limits_url=store.url)
        assert found(shared, "limits").good
        store.process.freeze()
        assert not found(shared, "limits").good
        store.process.thaw()
        store.wait_until_ready()
        assert found(shared, "limits").good


def test_several_processes_that_each_count_for_themselves_are_noticed(well: Settings, tmp_path: Path) -> None:
    for processes, good in (("1", True), ("2", False)):
        with served(well, tmp_path / "serve.log", "--workers", processes):
            eventually(lambda expected=good: found(well, "limits").good is expected, 60)  # type: ignore[misc]
            assert found(replace(well, limits_url="redis://127.0.0.1:9"), "limits").words.startswith("BTL_LIMITS_URL")
    # they have ended
    assert found(well, "limits").good


def test_a_mail_server_is_greeted(well: Settings, tmp_path: Path) -> None:
    port = free_port()
    smtp = replace(well, mail="smtp", smtp_url=f"smtp://127.0.0.1:{port}")
    with running([sys.executable, "-m", "tests.support.mail_server", str(port), str(tmp_path / "noted")]):
        eventually(lambda: found(smtp, "mail").good, 30)
        in_the_clear = found(replace(smtp, smtp_url=f"smtp://user:word@127.0.0.1:{port}"), "mail")
        assert (in_the_clear.good, "in the clear" in in_the_clear.words) == (False, True)
    assert not found(smtp, "mail").good


def test_a_mail_server_that_says_nothing_keeps_the_doctor_no_longer_than_a_letter(
    well: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "TIMEOUT_SECONDS", 1)
    port = free_port()
    smtp = replace(well, mail="smtp", smtp_url=f"smtp://127.0.0.1:{port}")
    with running([sys.executable, "-m", "tests.support.mail_server", str(port), str(tmp_path / "noted")]) as server:
        eventually(lambda: found(smtp, "mail").good, 30)
        server.freeze()
        assert "timed out" in found(smtp, "mail").words


@pytest.mark.parametrize(
    ("choices", "there", "gone", "helps"),
    [
        ({"unread_languages": SECOND}, {"second_scorer": "builtin"}, {}, "set BTL_SECOND_SCORER"),
        ({"scale": GOOGLE}, {}, {"scorer": "detoxify"}, "--scale ours"),
    ],
)
def test_a_key_for_which_something_is_missing_is_named(
    well: Settings, choices: Any, there: dict[str, Any], gone: dict[str, Any], helps: str
) -> None:
    before, after = replace(well, **there), replace(well, **gone)
    assert found(after, "API keys").words == "0 in force"
    database = Database(well.database_url)
    make_key(database, well, "old client", **choices)
    assert found(before, "API keys").good
    finding = found(after, "API keys")
    assert (finding.good, "old client" in finding.words, helps in finding.words) == (False, True, True)
    with database.transaction() as session:
        keys.revoke(session, "old client")
    database.close()
    assert found(after, "API keys").good


def test_before_the_schema_is_there_one_line_says_so(settings: Settings, tmp_path: Path) -> None:
    done = btl(settings, "doctor", BTL_DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
    bad = [line for line in done.stdout.splitlines() if "BAD" in line]
    assert (done.returncode, bad) == (1, ["  BAD   schema: migrations are missing: run btl db upgrade"])


def test_of_a_database_that_is_away_one_line_says_so(well: Settings) -> None:
    away = list(doctor.examine(replace(well, database_url="postgresql://nobody@127.0.0.1:9/nothing")))
    assert [finding.part for finding in away][-1] == "database"
    assert not away[-1].good


def doctor_without(settings: Settings, library: str, folder: Path) -> dict[str, str]:
    """What is said of each part on a machine without the library."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "doctor"],
        env=os.environ | environment_of(settings) | hidden(library, folder),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return {line[8:].partition(":")[0]: line for line in done.stdout.splitlines()}


def test_it_is_told_which_sqlite_runs_and_whether_it_is_safe(well: Settings, tmp_path: Path) -> None:
    assert found(well, "SQLite").good
    said = doctor_without(well, "pysqlite3", tmp_path / "hidden")["SQLite"]
    safe = sqlite3.sqlite_version_info >= doctor_setup.SAFE_SQLITE
    assert f"SQLite: {sqlite3.sqlite_version}, of Python" in said
    assert said.startswith("  good" if safe else "  BAD ")
    assert ("use PostgreSQL" in said) is not safe


def test_it_is_told_when_the_fast_model_scores_alone(well: Settings, tmp_path: Path) -> None:
    said = doctor_without(well, "onnxruntime", tmp_path / "hidden")["scorer"]
    assert said.startswith("  BAD ")
    assert "install onnxruntime" in said
