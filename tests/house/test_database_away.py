"""A database that is silent or full: 503 for everybody who needs it, and nothing that was acknowledged is lost."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.db import Database
from app.postgres import Timeouts
from config.settings import Settings
from migrations.upgrade import upgrade
from tests.support.callers import bearer_of
from tests.support.crowd import Crowd, crowd_at
from tests.support.databases import POSTGRES
from tests.support.postgres import Server, frozen
from tests.support.relay import relayed
from tests.support.required import skip
from tests.support.serving import served
from tests.support.settings import settings_for
from tests.support.stripe_world import eventually

IMPATIENT = {
    "BTL_DATABASE_CONNECT_SECONDS": "2",
    "BTL_DATABASE_POOL_SECONDS": "2",
    "BTL_DATABASE_STATEMENT_SECONDS": "2",
    "BTL_PROXIES": "1",
}
PAGES = ("/", "/rules", "/sign-in", "/account", "/readyz", "/metrics", "/queue", "/api/v1/me")


@pytest.fixture
def crowd(settings: Settings, database: Database, tmp_path: Path) -> Iterator[Crowd]:
    with served(settings, tmp_path / "serve.log", environment=IMPATIENT) as url:
        yield crowd_at(settings, database, url)


@pytest.fixture
def server() -> Iterator[Server]:
    """A PostgreSQL that no other test has."""
    try:
        made = Server()
    except Exception as error:
        skip(POSTGRES, str(error).partition("\n")[0])
    yield made
    made.kill()


def everything_is_as_before(crowd: Crowd) -> None:
    eventually(lambda: requests.get(f"{crowd.url}/readyz", timeout=60).ok, 60)
    crowd.statuses()
    assert (crowd.post(), crowd.get(crowd.thread), crowd.get("/")) == (201, 200, 200)
    assert crowd.lost() == set()
    assert len(crowd.acknowledged) > 1


@contextmanager
def under_load(crowd: Crowd) -> Iterator[None]:
    """While readers read and write, of whom some have been answered already."""
    with crowd.busy():
        eventually(lambda: crowd.answers["post", 201] > 2, 60)
        yield


def everybody_is_told(crowd: Crowd) -> None:
    """That it is away: readers, writers, programs and whoever balances the load; but not who asks whether we live."""
    reader = {"Accept": "text/html", "Origin": "https://paper.example", **bearer_of(crowd.settings, crowd.authors[0])}
    crowd.statuses()
    for path in (*PAGES, crowd.thread, crowd.posts):
        assert (path, crowd.get(path, **reader)) == (path, 503)
        assert crowd.get("/healthz", **reader) == 200
    assert crowd.post() == 503


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_frozen_database_is_503_and_back_by_itself(crowd: Crowd) -> None:
    with under_load(crowd):
        with frozen(crowd.database.url):
            everybody_is_told(crowd)
        assert crowd.statuses() <= {200, 201, 503}
    everything_is_as_before(crowd)


def test_a_stopped_database_is_503_and_back_by_itself(server: Server, tmp_path: Path) -> None:
    database = Database(server.url)
    upgrade(database)
    settings = settings_for(database, tmp_path)
    with served(settings, tmp_path / "serve.log", environment=IMPATIENT) as url:
        crowd = crowd_at(settings, database, url)
        with under_load(crowd):
            server.kill()
            everybody_is_told(crowd)
            server.start()
        assert crowd.statuses() <= {200, 201, 503}
        everything_is_as_before(crowd)
    database.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_first_statement_takes_its_time_and_a_silent_server_is_found_by_the_next_ping(database: Database) -> None:
    patient = Database(database.url, timeouts=Timeouts(connect=1, statement=600))
    for _ in range(2):
        with patient.transaction() as session:
            session.execute(text("SELECT pg_sleep(1.5)"))
    with frozen(database.url), pytest.raises(OperationalError, match="has not answered a moment ago"):
        patient.ping()
    patient.close()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_line_that_is_dead_and_says_nothing_is_503(settings: Settings, database: Database, tmp_path: Path) -> None:
    with relayed(database.url) as line:
        there = replace(settings, database_url=line.url)
        with served(there, tmp_path / "serve.log", environment=IMPATIENT) as url:
            crowd = crowd_at(settings, database, url)
            with under_load(crowd):
                line.die()
                everybody_is_told(crowd)
                line.live()
            everything_is_as_before(crowd)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_disk_is_503_for_who_writes_and_nothing_is_lost(crowd: Crowd) -> None:
    port = crowd.url.rpartition(":")[2]
    everyone = [each for each in psutil.process_iter(["cmdline"]) if port in (each.info["cmdline"] or ())]
    with under_load(crowd):
        limited = [
            resource.prlimit(each.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY)) for each in everyone
        ]
        eventually(lambda: crowd.post() == 503, 60)
        crowd.statuses()
        assert (crowd.get("/"), crowd.get(crowd.thread), crowd.get("/healthz"), crowd.post()) == (200, 200, 200, 503)
        for each, before in zip(everyone, limited, strict=True):
            resource.prlimit(each.pid, resource.RLIMIT_FSIZE, before)
    assert crowd.statuses() <= {200, 201, 503}
    everything_is_as_before(crowd)
