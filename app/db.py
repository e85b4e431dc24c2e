"""The database: one visible transaction per request or job, on SQLite and PostgreSQL alike.

    with database.transaction() as session:   # leaving commits, raising rolls back
    with database.reading() as session:       # may not write

A write transaction on SQLite opens with BEGIN IMMEDIATE: a deferred one that reads and then writes is told
"database is locked" as soon as another has written in between. Writers of one process also queue on a lock of
ours, which is fair and quick where SQLite's busy handler sleeps and guesses. synchronous=FULL, since
an answer of 201 to a reader and of 200 to Stripe is a promise that a power cut must not break.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Select,
    cast,
    create_engine,
    event,
    func,
    literal,
    make_url,
    null,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from app import postgres
from app.postgres import Timeouts
from config.settings import Settings

try:  # carries a SQLite without the WAL-reset race; not built for every platform
    import pysqlite3.dbapi2 as sqlite_driver
except ImportError:  # pragma: no cover
    sqlite_driver = sqlite3

P = ParamSpec("P")
T = TypeVar("T")
Row = TypeVar("Row", bound=DeclarativeBase)
Statement = TypeVar("Statement", bound=ClauseElement)

MOST_ATTEMPTS = 3
SERIALISATION_FAILURES = {"40001", "40P01"}
# how each dialect inserts what may be there already, for statements that are kept
INSERT: dict[str, Callable[[Any], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class ReadOnly(Exception):
    """A write was asked of a database that is open for reading alone."""


# what SQLite calls a database without a file
MEMORY = ":memory:"
_sqlite_writers: dict[str, threading.Lock] = {}


class Database:
    """A pool of connections to `url` (any SQLAlchemy URL for SQLite or PostgreSQL).

    Without `durable`, SQLite does not wait for the disk: for what is begun again from nothing after a crash.
    With `read_only`, every `transaction` raises ReadOnly.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 10,
        durable: bool = True,
        read_only: bool = False,
        timeouts: Timeouts = postgres.PATIENT,
    ) -> None:
        parsed = make_url(url)
        self.url = url
        self.read_only = read_only
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writer: threading.Lock | None = None
        if self.is_sqlite:
            _make_private(parsed.database or MEMORY)
            self._writer = _sqlite_writers.setdefault(str(parsed.database), threading.Lock())
            driver: dict[str, Any] = {"module": sqlite_driver, "connect_args": {"timeout": 30}}
        else:
            parsed = parsed.set(drivername="postgresql+psycopg")
            options = postgres.parameters(timeouts, str(parsed.query.get("options", "")))
            driver = {"pool_pre_ping": True, "connect_args": options}
        self.engine = create_engine(parsed, pool_size=pool_size, max_overflow=20, pool_timeout=timeouts.pool, **driver)
        if self.is_sqlite:
            _prepare_sqlite(self.engine, synchronous="FULL" if durable else "OFF")
        else:
            connect = postgres.connector(timeouts)
            event.listen(self.engine, "do_connect", lambda _dialect, _record, given, named: connect(*given, **named))
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(
            self.engine.execution_options(readonly=True, postgresql_readonly=not self.is_sqlite),
            expire_on_commit=False,
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that may write. Leaving the block commits; an exception rolls back and goes on."""
        if self.read_only:
            raise ReadOnly
        with self._writer or nullcontext(), _busy_when_full(), self._write.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and cannot change it."""
        with _busy_when_full(), self._read.begin() as session:
            yield session

    def ping(self) -> None:
        """Raises if the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Give every pooled connection back."""
        self.engine.dispose()


def of(settings: Settings) -> Database:
    """The database of an installation as the web has it, for which people wait."""
    timeouts = Timeouts(
        settings.database_connect_seconds, settings.database_pool_seconds, settings.database_statement_seconds
    )
    return Database(settings.database_url, read_only=settings.read_only, timeouts=timeouts)


def which_sqlite() -> tuple[tuple[int, ...], str]:
    """The version of SQLite that is used, and whose it is: pysqlite3's or Python's own."""
    return sqlite_driver.sqlite_version_info, "Python" if sqlite_driver is sqlite3 else "pysqlite3"


def retrying(act: Callable[P, T]) -> Callable[P, T]:
    """Run `act` again, at most three times in all, when the database chose it as a deadlock's victim.

    For the edge of a transaction: what `act` does outside of its transaction must bear repetition.
    """

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for _attempt in range(MOST_ATTEMPTS - 1):
            try:
                return act(*args, **kwargs)
            except DBAPIError as error:
                if not is_serialisation_failure(error):
                    raise
        return act(*args, **kwargs)

    return run


def is_serialisation_failure(error: DBAPIError) -> bool:
    """Whether the database gave this transaction up for another's sake."""
    return getattr(error.orig, "sqlstate", None) in SERIALISATION_FAILURES


def is_busy(error: DBAPIError) -> bool:
    """Whether the database could not be reached or was locked: come back later, nothing is wrong with the request."""
    return isinstance(error, OperationalError)


def find_locked(session: Session, table: type[Row], *which: ColumnElement[bool]) -> Row | None:
    """The row as it is now, locked, or None; other rows may still come to refer to it.

    A row that the session has read before is read anew: what it knew may be over.
    """
    statement = select(table).where(*which).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).first()


def lock_names(session: Session, names: Iterable[str]) -> None:
    """Wait until nobody else has locked any of these names, and lock them until the transaction ends.

    For what has no row to lock yet. On SQLite a transaction that writes locks everything.
    """
    if dialect_of(session) == "sqlite":
        return
    # always in the same order, so that two who want several do not wait for each other
    for number in sorted({int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True) for name in names}):
        session.execute(select(func.pg_advisory_xact_lock(number)))


def insert(session: Session, table: type[Any]) -> Any:
    """An INSERT of the session's dialect that knows ON CONFLICT: the way to do something only once."""
    return INSERT[dialect_of(session)](table)


def dialect_of(session: Session) -> str:
    """The key of INSERT for a session."""
    return session.get_bind().dialect.name


def insert_once(session: Session, table: type[Any], **values: object) -> bool:
    """Insert a row unless one of its unique keys is taken; True if this call inserted it."""
    statement = insert(session, table).values(**values).on_conflict_do_nothing().returning(*table.__table__.primary_key)
    return session.execute(statement).first() is not None


def shared(statement: Statement) -> Statement:
    """`statement`, for all threads: put together once, because that takes longer than to run it.

    SQLAlchemy completes a statement when it is first compiled, and not one thread at a time: of two that begin with it
    at the same moment each has half of its columns, and it stays broken for as long as the process lives.
    """
    statement.compile()
    return statement


def is_one_of(column: Any, constants: Collection[str]) -> ColumnElement[bool]:
    """Whether it is one of `constants`: an IN whose list does not have to be written anew each time that it is asked,
    as SQLAlchemy does for values. For statements that are kept.
    """
    within: ColumnElement[bool] = column.in_([literal(each) for each in constants])
    return within


def union_by_name(*queries: Select[Any]) -> CompoundSelect[Any]:
    """The rows of all queries in one statement: a column that a query does not have is NULL in its rows."""
    columns = {name: column for query in queries for name, column in query.selected_columns.items()}
    missing = {name: cast(null(), column.type).label(name) for name, column in columns.items()}
    filled = [[query.selected_columns.get(name, missing[name]) for name in columns] for query in queries]
    together = zip(queries, filled, strict=True)
    return union_all(*(query.with_only_columns(*has, maintain_column_froms=True) for query, has in together))


def _make_private(database: str) -> None:
    """Let nobody but us read the file, whatever the umask; what SQLite puts beside it gets the same mode."""
    file = Path(database)
    if database == MEMORY or database.startswith("file:") or file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)


@contextmanager
def _busy_when_full() -> Iterator[None]:
    """That all connections of the pool are taken is said as everything else that makes a database busy."""
    try:
        yield
    except PoolTimeout as error:
        raise OperationalError("connect", None, error) from error


def _prepare_sqlite(engine: Engine, *, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        readonly = connection.get_execution_options().get("readonly")
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.execute(f"PRAGMA query_only={'ON' if readonly else 'OFF'}")
            driver.execute("BEGIN" if readonly else "BEGIN IMMEDIATE")
        except sqlite_driver.OperationalError as error:
            # past SQLAlchemy, which would have said so of a statement: a locked database is busy, not broken
            raise OperationalError("BEGIN", None, error) from error
