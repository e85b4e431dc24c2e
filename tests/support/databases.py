"""Empty, migrated databases of both kinds, as many as the tests ask for. They do not wait for the disk."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from psycopg import Connection
from sqlalchemy import QueuePool

from app.db import Database
from migrations.upgrade import upgrade
from tests.support.postgres import Pool, server
from tests.support.required import skip
from tests.support.stripe_world import eventually

SQLITE, POSTGRES = "sqlite", "postgres"


class Databases:
    """What of each kind is made once; what lies in files, within `folder`.

    A database that was used is emptied and lent again, and with it what SQLAlchemy has compiled for it and what
    PostgreSQL's connections to it have learnt of its tables, which costs more than most tests.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[Path] = []
        self._known: dict[str, Database] = {}

    @contextmanager
    def empty(self, kind: str) -> Iterator[Database]:
        """A new database of that kind."""
        with self._sqlite() if kind == SQLITE else self._postgres() as found:
            yield found

    def close(self) -> None:
        for found in self._known.values():
            found.close()
        if "_pool" in vars(self):
            self._pool.close()

    @contextmanager
    def _sqlite(self) -> Iterator[Database]:
        path = self._files.pop() if self._files else self._folder / f"{secrets.token_hex(6)}.db"
        for old in self._folder.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(self._template, path)
        with self._opened(f"sqlite:///{path}") as found:
            yield found
        found.close()  # another file takes the place of this one
        self._files.append(path)

    @contextmanager
    def _postgres(self) -> Iterator[Database]:
        url = self._pool.take()
        with self._opened(url) as found:
            yield found
        self._pool.give_back(url, _backends(found))

    @contextmanager
    def _opened(self, url: str) -> Iterator[Database]:
        # another object, so that nothing is known of the rows of the last one
        found = copy(self._known.pop(url) if url in self._known else Database(url, durable=False))
        yield found
        # a thread that still answers gives its connection back, which nobody would close once the pool is
        pool = found.engine.pool
        assert isinstance(pool, QueuePool)
        eventually(lambda: not pool.checkedout())
        # what a test listens to, the next one does not want to hear
        if found.engine.dispatch.before_cursor_execute:
            found.close()
        else:
            self._known[url] = found

    @cached_property
    def _template(self) -> Path:
        path = self._folder / "template.db"
        _migrate(f"sqlite:///{path}")
        return path

    @cached_property
    def _pool(self) -> Pool:
        try:
            pool = Pool(server())
        except Exception as error:
            skip(POSTGRES, str(error).partition("\n")[0])
        _migrate(pool.template)
        return pool


def _backends(database: Database) -> list[int]:
    """The processes of PostgreSQL that serve the connections which wait in the pool. They forget how they found what
    they were asked for: with few rows they looked through them all.
    """
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    waiting = [pool.connect() for _ in range(pool.checkedin())]
    connections = [cast("Connection[Any]", each.driver_connection) for each in waiting]
    for connection in connections:
        connection.execute("DISCARD PLANS")
    found = [connection.info.backend_pid for connection in connections]
    for each in waiting:
        each.close()
    return found


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()
