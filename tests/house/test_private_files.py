"""What nobody else on the machine may read: the database, and letters, whose links let in whoever has them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import worker
from app.billing import throttle
from app.db import Database
from app.mail import letters
from app.models import Job, Letter
from app.models.letter import VERIFY
from config.policy import HouseRules
from config.settings import Settings
from migrations import upgrade as migrations
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.repository import REPOSITORY


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """The mode of a folder, by ".", and of what is in it."""
    return {
        each.name if each != folder else ".": oct(each.stat().st_mode & 0o777) for each in (folder, *folder.iterdir())
    }


@pytest.mark.usefixtures("umask")
def test_a_new_database_is_ours_alone_with_all_that_sqlite_puts_beside_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'btl.db'}")
    migrations.upgrade(database)
    with database.transaction() as session:
        factories.account(session)
        private = dict.fromkeys(("btl.db", "btl.db-wal", "btl.db-shm"), "0o600")
        assert modes(tmp_path / "new") == {".": "0o700", **private}
    database.close()


def test_the_command_makes_it_so(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BTL_", "STRIPE_"))}
    environment |= {"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(tmp_path / "var")}
    run = [sys.executable, "-m", "app.cli.main", "db", "upgrade"]
    subprocess.run(run, env=environment, cwd=REPOSITORY, check=True, capture_output=True, umask=0)
    found = modes(tmp_path / "var")
    assert found.pop(".") == "0o700"
    assert set(found.values()) == {"0o600"}


@pytest.mark.usefixtures("umask")
def test_a_letter_that_is_kept_as_a_file_is_ours_alone(
    database: Database, settings: Settings, house: HouseRules, tmp_path: Path
) -> None:
    settings = replace(settings, var=tmp_path / "elsewhere")
    with database.transaction() as session:
        letters.write(session, factories.account(session, verified=False).id, VERIFY)
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    folder, letter = modes(settings.var / "letters").values()
    assert (modes(settings.var)["."], folder, letter) == ("0o700", "0o700", "0o600")


def test_in_production_no_letter_is_printed_and_each_waits_until_mail_is_set_up(
    database: Database, settings: Settings, house: HouseRules, capsys: pytest.CaptureFixture[str]
) -> None:
    production = replace(settings, environment="production", mail="console")
    with database.transaction() as session:
        reader = factories.account(session, email="ada@example.org", verified=False)
        letters.write(session, reader.id, VERIFY)
    for _ in range(20):
        worker.runner(throttle.throttled(assembled(production, house, database))).run_all()
        with database.transaction() as session:
            session.query(Job).filter(Job.kind == letters.SEND).update({"run_at": reader.created_at})
    said = "".join(capsys.readouterr())
    assert ("token=" in said, "ada@example.org" in said) == (False, False)
    worker.runner(throttle.throttled(assembled(settings, house, database))).run_all()
    assert len(list((settings.var / "letters").iterdir())) == 1
    with database.reading() as session:
        assert session.query(Letter).one().sent_at is not None


def test_in_a_demo_a_letter_is_printed(
    database: Database, settings: Settings, house: HouseRules, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.transaction() as session:
        letters.write(session, factories.account(session, verified=False).id, VERIFY)
    worker.runner(throttle.throttled(assembled(replace(settings, mail="console"), house, database))).run_all()
    assert "token=" in capsys.readouterr().out
