"""Empty, migrated databases of both kinds, as many as the tests ask for. They do not wait for the disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from app.db import Database
from migrations.upgrade import upgrade
from tests.support.postgres import Pool, server
from tests.support.required import skip

SQLITE, POSTGRES = "sqlite", "postgres"


class Databases:
    """What of each kind is made once; what lies in files, within `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def empty(self, kind: str, folder: Path) -> Iterator[Database]:
        """A new database of that kind, on SQLite within `folder`."""
        with self._sqlite(folder) if kind == SQLITE else self._postgres() as found:
            yield found

    def close(self) -> None:
        if "_pool" in vars(self):
            self._pool.close()

    @contextmanager
    def _sqlite(self, folder: Path) -> Iterator[Database]:
        path = folder / "btl.db"
        shutil.copy(self._template, path)
        found = Database(f"sqlite:///{path}", durable=False)
        yield found
        found.close()

    @contextmanager
    def _postgres(self) -> Iterator[Database]:
        url = self._pool.take()
        found = Database(url)
        yield found
        found.close()
        self._pool.give_back(url)

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


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.close()
