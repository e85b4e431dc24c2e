"""Isso: its SQLite database (`comments.db`), as versions 0.10 to 0.13 make it.

The file may come from anywhere, and a database is a program: it is opened read-only as it lies there, without what its
schema would run, and nothing is asked of it but two plain tables. Nobody had to confirm an address to Isso.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.interchange import lookup
from app.interchange.files import BadFile
from app.interchange.lookup import Lookup
from app.interchange.records import LONGEST_FIELD_CHARACTERS, BadRow, Record

MAGIC = b"SQLite format 3\0"
_THREADS = ("id", "uri", "title")
_COMMENTS = ("id", "author", "tid", "parent", "created", "text", "mode")
_QUERIES = {
    "threads": "SELECT id, uri, title FROM threads NOT INDEXED",
    "comments": "SELECT id, author, tid, parent, created, text, mode FROM comments NOT INDEXED",
}
_STATES = {1: "", 2: "pending"}
# a page of a sound file is read once or twice
MOST_CHARACTERS_A_BYTE = 4
_STRICT = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA query_only = ON",
    "PRAGMA mmap_size = 0",
)
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_FIELD_CHARACTERS,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
}
_READING = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA)


def records(path: Path) -> Iterator[tuple[int, Record] | BadRow]:
    """The comments of a database, each with its number for a line. Raises BadFile."""
    try:
        with closing(_opened(path)) as database, lookup.opened() as threads:
            for number, address, title in _rows(database, "threads", _THREADS, path):
                threads[str(number)] = {"story": _text(address), "url": _text(address), "title": _text(title)}
            for row in _rows(database, "comments", _COMMENTS, path):
                yield _record(row, threads)
    except (sqlite3.Error, OverflowError, UnicodeError) as error:
        raise BadFile(f"{path.name} cannot be read as a database of Isso: {error}.") from error


def _rows(database: sqlite3.Connection, table: str, columns: tuple[str, ...], path: Path) -> Iterator[tuple[Any, ...]]:
    """The rows of a plain table. Pages of a broken file may lead in circles: no more is read than it can hold."""
    kinds = database.execute(
        "SELECT type, rootpage FROM sqlite_master WHERE name = ? COLLATE NOCASE", (table,)
    ).fetchall()
    hidden = {column[1]: column[6] for column in database.execute(f"PRAGMA table_xinfo({table})")}
    if [kind for kind, root in kinds if root] != ["table"] or any(hidden.get(column, 1) for column in columns):
        raise BadFile(f"{path.name} is no database of Isso: no plain table {table!r} has {', '.join(columns)}.")
    left = path.stat().st_size * MOST_CHARACTERS_A_BYTE
    for row in database.execute(_QUERIES[table]):
        left -= sum(len(value) if isinstance(value, str | bytes) else 1 for value in row)
        if left < 0:
            raise BadFile(f"{path.name} is broken: it has more in it than it is long.")
        yield row


def _record(row: tuple[Any, ...], threads: Lookup) -> tuple[int, Record]:
    said = dict(zip(_COMMENTS, row, strict=True))
    return said["id"] if isinstance(said["id"], int) else 0, {
        "id": said["id"],
        "author": said["author"],
        "parent": said["parent"],
        "created_at": said["created"],
        "text": said["text"],
        "state": _STATES.get(said["mode"], "deleted") if isinstance(said["mode"], int) else "deleted",
        **threads.get(str(said["tid"])),
    }


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    for statement in _STRICT:
        database.execute(statement)
    for limit, most in _LIMITS.items():
        database.setlimit(limit, most)
    database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
    return database


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
