"""What the simulator remembers: Stripe objects as JSON by id, and the webhooks still to deliver, in one file.

One connection behind one lock: a stand-in serves one newspaper's demonstration, and simplicity is worth more
than throughput here.
"""

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import clock

Object = dict[str, Any]
BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_type ON objects (type, seq);
CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (type, json_extract(body, '$.customer'), seq);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS knobs (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class NoSuchObject(KeyError):
    """There is no object of this type and id."""


def now() -> int:
    """Seconds since 1970, as Stripe counts."""
    return int(clock.now().timestamp())


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(SCHEMA)
        self._lock = threading.RLock()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing. Not to be nested."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def save(self, kind: str, thing: Object) -> Object:
        self.rows(
            "INSERT INTO objects (type, id, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            kind,
            thing["id"],
            json.dumps(thing),
        )
        return thing

    def get(self, kind: str, identifier: str) -> Object:
        """Raises NoSuchObject."""
        found = self.rows("SELECT body FROM objects WHERE type = ? AND id = ?", kind, identifier)
        if not found:
            raise NoSuchObject(identifier)
        return _body(found[0])

    def by_id(self, identifier: str) -> Object:
        """Whatever has this id. Raises NoSuchObject."""
        found = self.rows("SELECT body FROM objects WHERE id = ?", identifier)
        if not found:
            raise NoSuchObject(identifier)
        return _body(found[0])

    def forget(self, identifier: str) -> None:
        self.rows("DELETE FROM objects WHERE id = ?", identifier)

    def find(
        self,
        kind: str,
        equal: Mapping[str, str] | None = None,
        among: Mapping[str, tuple[str, ...]] | None = None,
        between: Mapping[str, int] | None = None,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int = 100,
    ) -> list[Object]:
        """The newest first; `after` and `before` are ids of neighbours.

        `equal` and `among` compare JSON paths; `between` bounds `created`, by "gt", "gte", "lt" or "lte".
        """
        conditions: list[str] = ["type = ?"]
        values: list[str | int] = [kind]
        for path, wanted in (equal or {}).items():
            conditions.append(f"json_extract(body, '$.{path}') = ?")
            values.append(wanted)
        for path, choices in (among or {}).items():
            conditions.append(f"json_extract(body, '$.{path}') IN ({', '.join('?' * len(choices))})")
            values += choices
        for bound, moment in (between or {}).items():
            conditions.append(f"json_extract(body, '$.created') {BOUNDS[bound]} ?")
            values.append(moment)
        for neighbour, comparison in ((after, "<"), (before, ">")):
            if neighbour:
                conditions.append(f"seq {comparison} (SELECT seq FROM objects WHERE id = ?)")  # noqa: S608
                values.append(neighbour)
        order = "ASC" if before else "DESC"
        found = self.rows(
            f"SELECT body FROM objects WHERE {' AND '.join(conditions)} ORDER BY seq {order} LIMIT ?",  # noqa: S608
            *values,
            limit,
        )
        return [_body(row) for row in (reversed(found) if before else found)]

    def answered(self, key: str) -> Object | None:
        """What was answered to an earlier request with this idempotency key."""
        found = self.rows("SELECT body FROM answers WHERE key = ?", key)
        return _body(found[0]) if found else None

    def remember(self, key: str, answer: Object) -> None:
        self.rows("INSERT INTO answers (key, body) VALUES (?, ?)", key, json.dumps(answer))

    def knob(self, name: str) -> int:
        found = self.rows("SELECT value FROM knobs WHERE name = ?", name)
        return int(found[0]["value"]) if found else 0

    def turn(self, name: str, value: int) -> None:
        self.rows(
            "INSERT INTO knobs (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )


def _body(row: sqlite3.Row) -> Object:
    body: Object = json.loads(row["body"])
    return body
