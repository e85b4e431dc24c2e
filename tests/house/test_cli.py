"""The command line, as an operator types it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app.cli.billing import billing
from app.cli.main import main
from app.cli.scorer import scorer
from app.db import Database
from app.models import Letter, Role, Site
from config.settings import Settings
from tests.support import factories
from tests.support.commands import btl
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of
from tests.support.stripe_world import eventually

COMMANDS = (
    *(
        "demo",
        "serve",
        "worker",
        "db",
        "moderator",
        "import",
        "export",
        "score",
        "train",
        "policy",
        "doctor",
        "site",
        "init",
        "mail",
    ),
    *("billing", "perspective", "scorer"),
)
# of the groups `billing` and `scorer`
BILLING = ("adopt", "check-names", "link", "reconcile", "rekey", "status", "why")
SCORER = ("prepare", "report")


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return os.environ | environment_of(settings) | {"BTL_MAIL": "file"}


def started(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """What a command in a process of its own says and returns."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli.main", *arguments],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_command_explains_itself() -> None:
    assert set(main.commands) == set(COMMANDS)
    assert set(billing.commands) == set(BILLING)
    assert set(scorer.commands) == set(SCORER)
    commands = [*main.commands.values(), *billing.commands.values(), *scorer.commands.values()]
    assert all(command.help and len(command.help) > 20 for command in commands)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bad_setting_stops_a_command_with_its_name_and_no_traceback(environment: dict[str, str]) -> None:
    done = started(environment | {"BTL_MAIL": "pigeon"}, "doctor")
    assert done.returncode == 2
    assert "BTL_MAIL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bad_policy_stops_the_server_with_its_key(environment: dict[str, str], tmp_path: Path) -> None:
    bad = tmp_path / "rules.toml"
    bad.write_text((REPOSITORY / "config" / "policy.toml").read_text().replace("edit_minutes = 15", "edit_minutes = 0"))
    for command in (("serve", "--port", "1"), ("worker",)):
        done = started(environment | {"BTL_POLICY": str(bad)}, *command)
        assert (done.returncode, "edit_minutes" in done.stderr) == (2, True)
    assert "edit_minutes" in started(environment, "policy", "check", str(bad)).stderr
    assert started(environment, "policy", "check").returncode == 0


def test_a_site_is_added_and_somebody_becomes_its_moderator(settings: Settings, database: Database) -> None:
    assert btl(settings, "db", "upgrade").returncode == 0
    added = btl(settings, "site", "add", "paper", "--name", "The Paper", "--origin", "https://paper.example")
    assert added.returncode == 0, added.stderr
    with database.transaction() as session:
        account = factories.account(session, email="Mod@example.org", settings=settings)
    assert btl(settings, "moderator", "add", "nobody@example.org").returncode == 2
    done = btl(settings, "moderator", "add", "mod@EXAMPLE.org", "--site", "paper", "--role", "editor")
    assert done.returncode == 0, done.stderr
    with database.reading() as session:
        role = session.scalars(select(Role).where(Role.account_id == account.id)).one()
        assert (role.role, role.site_id) == ("editor", session.scalars(select(Site.id)).one())


def test_the_doctor_finds_what_is_wrong(settings: Settings, database: Database) -> None:
    well = btl(settings, "doctor", BTL_MAIL="file")
    assert (well.returncode, "BAD" in well.stdout) == (0, False), well.stdout
    with database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM alembic_version")
    ill = btl(settings, "doctor", BTL_MAIL="file", BTL_SECOND_SCORER="nobody")
    assert ill.returncode == 1
    assert re.search(r"BAD +schema: .*btl db upgrade", ill.stdout)
    assert re.search(r"BAD +second scorer: no scorer is called 'nobody'", ill.stdout)
    assert re.search(r"good +second scorer: none", well.stdout)


LETTERS = 20


def start_worker(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "app.cli.main", "worker"], env=environment, cwd=REPOSITORY)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_killed_worker_loses_no_letter(environment: dict[str, str], settings: Settings, database: Database) -> None:
    from app.mail import letters

    with database.transaction() as session:
        for n in range(LETTERS):
            account = factories.account(session, email=f"reader{n}@example.org", settings=settings)
            letters.write(session, account.id, "banned_sign_up")

    def unsent() -> int:
        with database.reading() as session:
            return len(session.scalars(select(Letter.id).where(Letter.sent_at.is_(None))).all())

    killed = start_worker(environment)
    eventually(lambda: unsent() < LETTERS, 60)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    with database.transaction() as session:
        # what it had in hand is free once its lease is over, and there is something to do for the next in any case
        session.connection().exec_driver_sql("UPDATE jobs SET state = 'ready', lease_until = NULL")
        letters.write(session, account.id, "banned_sign_up")
    asked = start_worker(environment)
    eventually(lambda: unsent() == 0, 60)
    asked.terminate()
    assert asked.wait() == 0
