"""What the simulator remembers: Stripe objects as JSON by id, and the webhooks still to deliver, in one file.

One connection behind one lock: a stand-in serves one newspaper's demonstration, and simplicity is worth more
than throughput here.
"""

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from app import clock
from app.simulator.query import Query

Object = dict[str, Any]

# a file of another version is begun anew: in it are demonstrations
VERSION = 3
SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_type ON objects (type, seq);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, form TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS deliveries_of_events ON deliveries (event_id, state);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, digest TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS knobs (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
# by what an object of a kind is looked up, beside its id: JSON paths, each an index of its own
INDEXED = {
    "charge": ("customer", "payment_intent"),
    "customer": ("email",),
    "dispute": ("charge",),
    "entitlements.active_entitlement": ("_customer",),
    "event": ("type",),
    "invoice": ("customer", "parent.subscription_details.subscription"),
    "invoice_payment": ("invoice", "payment.payment_intent"),
    "payment_method": ("customer",),
    "radar.early_fraud_warning": ("charge",),
    "refund": ("charge",),
    "subscription": ("customer",),
}


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
        self._prepare()
        self._lock = threading.RLock()

    def _prepare(self) -> None:
        """What is written survives the end of the process, not of the machine: no waiting for the disk."""
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        ((version,),) = self._connection.execute("PRAGMA user_version")
        if version != VERSION:
            for table in ("objects", "deliveries", "answers", "knobs"):
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        self._connection.executescript(f"{SCHEMA} PRAGMA user_version = {VERSION}")
        for kind, paths in INDEXED.items():
            for place, path in enumerate(paths):
                name = f"{kind.replace('.', '_')}_{place}"
                self._connection.execute(
                    f"CREATE INDEX IF NOT EXISTS {name} ON objects (json_extract(body, '$.{path}'), seq)"
                    f" WHERE type = '{kind}'"
                )

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
            _text(thing),
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

    def has(self, identifier: str) -> bool:
        return bool(self.rows("SELECT 1 FROM objects WHERE id = ?", identifier))

    def forget(self, identifier: str) -> None:
        self.rows("DELETE FROM objects WHERE id = ?", identifier)

    def forget_but(self, kind: str, keep: int) -> None:
        """All objects of a kind but the newest."""
        self.rows(
            "DELETE FROM objects WHERE type = ? AND seq <= ("
            "SELECT seq FROM objects WHERE type = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)",
            kind,
            kind,
            keep,
        )

    def find(self, kind: str, equal: Mapping[str, str] | None = None, *, limit: int = 100) -> list[Object]:
        """The objects of a kind whose JSON paths `equal` what is given, the newest first."""
        return self.select(kind, Query(equal=equal or {}, limit=limit))

    def select(self, kind: str, query: Query) -> list[Object]:
        """The objects of a kind that a query asks for, the newest first."""
        conditions, values = query.conditions()
        # the kind stands in the statement, since an index of one kind serves no statement that might be of another
        where = " AND ".join([f"type = '{kind}'", *conditions])
        order = "ASC" if query.before else "DESC"
        statement = f"SELECT body FROM objects WHERE {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        found = self.rows(statement, *values, query.limit)
        return [_body(row) for row in (reversed(found) if query.before else found)]

    def answered(self, key: str) -> tuple[str, Object] | None:
        """The digest of an earlier request with this idempotency key, and what it was answered."""
        found = self.rows("SELECT digest, body FROM answers WHERE key = ?", key)
        return (found[0]["digest"], _body(found[0])) if found else None

    def remember(self, key: str, digest: str, answer: Object) -> None:
        self.rows("INSERT INTO answers (key, digest, body) VALUES (?, ?, ?)", key, digest, _text(answer))

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
    return msgspec.json.decode(row["body"], type=Object)


def _text(thing: Object) -> str:
    return msgspec.json.encode(thing).decode()
