"""What became of the requests of each key: in the metrics, and by days in the database.

A process counts for itself and adds what it has counted to the database every few seconds and when it ends, so that no
request waits for that. One that is killed loses the last of it.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo

import prometheus_client
import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.db import Database, ReadOnly, insert, is_busy
from app.models import ApiKey, ApiKeyDay
from app.perspective.errors import ApiError

WRITE_SECONDS = 5.0
# columns of ApiKeyDay
OUTCOMES = ANSWERED, REFUSED, OVER_QUOTA = "answered", "refused", "over_quota"

# names of keys are the operator's; of attributes only those that are scored are counted
REQUESTS = prometheus_client.Counter("btl_perspective_requests", "Requests with an API key", ("key", "status"))
ATTRIBUTES = prometheus_client.Counter("btl_perspective_attributes", "Attributes scored", ("key", "attribute"))
log = structlog.get_logger()

# {(key, beginning of the day, outcome): requests}
Counts = Counter[tuple[int, datetime, str]]


class Usage:
    """What this process has counted and not written yet."""

    def __init__(self, database: Database, zone: tzinfo) -> None:
        self._database = database
        self._zone = zone
        self._counts = Counts()
        self._due: threading.Timer | None = None
        self._lock = threading.Lock()

    @contextmanager
    def counted(self, key: ApiKey) -> Iterator[None]:
        """Count a request of `key` by how the block ends."""
        status = 500
        try:
            yield
            status = 200
        except ApiError as error:
            status = error.status
            raise
        finally:
            REQUESTS.labels(key.name, status).inc()
            self._count(key.id, {200: ANSWERED, 429: OVER_QUOTA}.get(status, REFUSED))

    def write(self) -> None:
        """Add to the database what was counted. While it is away nothing is lost: the next write has it."""
        with self._lock:
            if self._due is not None:
                self._due.cancel()
            counts, self._counts, self._due = self._counts, Counts(), None
        try:
            if counts:
                with self._database.transaction() as session:
                    _add(session, counts)
        except (DBAPIError, ReadOnly) as error:
            log.warning("usage of API keys not written", error=type(error).__name__)
            if isinstance(error, ReadOnly) or is_busy(error):
                with self._lock:
                    self._counts.update(counts)

    def _count(self, key_id: int, outcome: str) -> None:
        with self._lock:
            self._counts[key_id, today(self._zone), outcome] += 1
            if self._due is None:
                self._due = self._write_later()

    def _write_later(self) -> threading.Timer | None:
        due = threading.Timer(WRITE_SECONDS, self.write)
        due.daemon = True
        try:
            due.start()
        except RuntimeError:  # no thread is to be had: the next request tries again
            return None
        return due


def count_attributes(key: ApiKey, names: Iterable[str]) -> None:
    """Count in the metrics that these were scored for `key`."""
    for name in names:
        ATTRIBUTES.labels(key.name, name).inc()


def today(zone: tzinfo) -> datetime:
    """When the day began, there."""
    return clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def of_today(session: Session, zone: tzinfo) -> dict[int, ApiKeyDay]:
    """What became of the requests of this day, as far as it is written, by the ids of the keys."""
    found = session.scalars(select(ApiKeyDay).where(ApiKeyDay.began_at == today(zone)))
    return {day.api_key_id: day for day in found}


def _add(session: Session, counts: Counts) -> None:
    # always in the same order, so that two processes do not wait for each other
    for key_id, began_at in sorted({(key_id, began_at) for key_id, began_at, _ in counts}):
        more = {outcome: counts[key_id, began_at, outcome] for outcome in OUTCOMES}
        statement = insert(session, ApiKeyDay).values(api_key_id=key_id, began_at=began_at, **more)
        added = {outcome: getattr(ApiKeyDay, outcome) + getattr(statement.excluded, outcome) for outcome in OUTCOMES}
        session.execute(statement.on_conflict_do_update(index_elements=ApiKeyDay.__table__.primary_key, set_=added))
