"""What an export tells of articles and readers before or beside its comments, kept on disk where it grows large."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

Values = Mapping[str, str]
_NOT_TEXT = re.compile("[\ud800-\udfff]")


class Lookup:
    """Values by an id. What is said twice of one id holds as it was said first; of an unknown id there are none."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE known (id TEXT PRIMARY KEY, packed BLOB) WITHOUT ROWID")

    def __setitem__(self, name: str, values: Values) -> None:
        packed = msgspec.msgpack.encode({key: _kept(value) for key, value in values.items()})
        self._database.execute("INSERT OR IGNORE INTO known VALUES (?, ?)", (_kept(name), packed))

    def get(self, name: str) -> Values:
        """What is known of `name`."""
        found = self._database.execute("SELECT packed FROM known WHERE id = ?", (_kept(name),)).fetchone()
        return msgspec.msgpack.decode(found[0], type=dict[str, str]) if found else {}


@contextmanager
def opened() -> Iterator[Lookup]:
    """An empty lookup, which is gone after the block."""
    database = sqlite3.connect("")  # in memory, and in a nameless file where that grows large
    try:
        yield Lookup(database)
    finally:
        database.close()


def _kept(text: str) -> str:
    """No database takes what was no text; a NUL is refused as well, where it is used."""
    return _NOT_TEXT.sub("\0", text)
