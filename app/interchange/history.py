"""The rows of one export in the order in which they were written, kept on disk while they wait for each other."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from app.interchange.parsing import NO_PARENT, Row

_TABLE = "CREATE TABLE row (place INTEGER PRIMARY KEY, id TEXT UNIQUE, parent TEXT, gone TEXT, at TEXT, packed BLOB)"
# of what nobody could read, only what somebody answered who is to be read
_KEPT = """
    WITH RECURSIVE answered(id) AS (
        SELECT parent FROM row WHERE gone = ''
        UNION SELECT row.parent FROM row JOIN answered USING (id) WHERE row.gone <> ''
    )
    DELETE FROM row WHERE gone <> '' AND id NOT IN (SELECT id FROM answered WHERE id IS NOT NULL)
"""


class History:
    """Rows, each id once. They come back by their times, and where these are equal as they stood in the file."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute(_TABLE)

    def add(self, row: Row) -> bool:
        """Keep `row`, unless one before it has its id."""
        at, packed = row.created_at.isoformat(timespec="microseconds"), msgspec.msgpack.encode(row)
        insert = "INSERT OR IGNORE INTO row (id, parent, gone, at, packed) VALUES (?, ?, ?, ?, ?)"
        return self._database.execute(insert, (row.id, row.parent, row.gone, at, packed)).rowcount > 0

    def close(self) -> int:
        """There are no more rows: forget what nobody could read and nobody answered. Returns how many there are."""
        self._database.execute(_KEPT)
        number: int = self._database.execute("SELECT count(*) FROM row").fetchone()[0]
        return number

    def rows(self) -> Iterator[Row]:
        """All rows. A parent that in most exports means none has become None, unless a row has that id."""
        for (packed,) in self._database.execute("SELECT packed FROM row ORDER BY at, place"):
            row = msgspec.msgpack.decode(packed, type=Row)
            yield replace(row, parent=None) if row.parent in NO_PARENT and not self._has(row.parent) else row

    def _has(self, row_id: str) -> bool:
        return self._database.execute("SELECT 1 FROM row WHERE id = ?", (row_id,)).fetchone() is not None


@contextmanager
def opened() -> Iterator[History]:
    """An empty history, which is gone after the block."""
    database = sqlite3.connect("")  # in memory, and in a nameless file where that grows large
    try:
        yield History(database)
    finally:
        database.close()
