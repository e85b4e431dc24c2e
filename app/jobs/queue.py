"""The jobs table as a queue: enqueue, lease, finish, fail."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, bindparam, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import INSERT, dialect_of, shared
from app.errors import Unready
from app.ids import new_id
from app.models import Job
from app.models.base import Instant
from app.models.job import DEAD, READY, RUNNING, WAITING

MOST_ATTEMPTS = 12
LEASE_TIME = timedelta(minutes=5)
LONGEST_RETRY_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class LeasedJob:
    """A job taken by a worker for a time. `attempt` fences it: a worker that lost its lease can no longer finish it."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    patient: bool = False,
) -> None:
    """Write down work to be done once the caller's transaction commits, at `run_at` (UTC) or at once.

    `kind` is a row of the worker's table of handlers, which get the `payload`: JSON, with ids as text. At most one job
    waits per `unique_key`; asking again can only bring it forward, even out of a wait after a failure. One that is
    `patient` lets all others that are due go first, until somebody asks for it who is not.
    """
    now = clock.now()
    job = {
        "id": new_id(),
        "kind": kind,
        "payload": payload or {},
        "unique_key": unique_key,
        "state": READY,
        "patient": patient,
        "run_at": run_at or now,
        "attempts": 0,
        "created_at": now,
    }
    session.execute(_enqueued(dialect_of(session)), job)


@cache
def _enqueued(dialect: str) -> Insert:
    """Kept, since putting it together takes longer than the database takes to do it."""
    job = INSERT[dialect](Job.__table__)
    sooner, less_patient = Job.run_at > job.excluded.run_at, Job.patient & ~job.excluded.patient
    return shared(
        job.on_conflict_do_update(
            index_elements=[Job.unique_key],
            index_where=WAITING,
            set_={
                "run_at": case((sooner, job.excluded.run_at), else_=Job.run_at),
                "patient": Job.patient & job.excluded.patient,
            },
            where=or_(sooner, less_patient),
        )
    )


def forget(session: Session, unique_key: str) -> None:
    """Take the job that waits under this key, if any, out of the queue."""
    session.execute(delete(Job).where(Job.unique_key == unique_key, Job.state == READY))


def due(session: Session, kinds: Collection[str]) -> bool:
    """Whether there is a job of these kinds to take; a read, so that idle workers never take the write lock."""
    return session.scalar(_is_due(), {"now": clock.now(), "kinds": list(kinds)}) is not None


@cache
def _is_due() -> Select[int]:
    """Kept, as every track of an idle worker asks it twice a second."""
    of_kinds = Job.kind.in_(bindparam("kinds", expanding=True))
    return shared(select(Job.id).where(_due(bindparam("now", type_=Instant())), of_kinds).limit(1))


def lease(session: Session, kinds: Collection[str]) -> LeasedJob | None:
    """Take a job of these kinds, if any is due, for LEASE_TIME; the caller's transaction makes it so. What a worker
    left comes first, and what is patient last; else who has waited longest.
    """
    now = clock.now()
    # each of the two comes in the order of an index, however much waits; both at once would be sorted every time
    job = _first(session, kinds, _left(now)) or _first(session, kinds, _ready(now))
    if job is None:
        return None
    job.state, job.attempts, job.lease_until = RUNNING, job.attempts + 1, now + LEASE_TIME
    return LeasedJob(job.id, job.kind, job.payload, job.attempts)


def finish(session: Session, job: LeasedJob) -> None:
    """The work is done: its row goes, unless the lease ran out and another worker has the job."""
    session.execute(delete(Job).where(Job.id == job.id, Job.attempts == job.attempt))


def fail(session: Session, job: LeasedJob, error: BaseException) -> None:
    """Have a job tried again later, each time after a longer wait (2 s, 4 s, ... an hour); after MOST_ATTEMPTS keep the
    job as dead.

    A job that fails because somebody else is away never dies: it waits until they are back, be it for days.
    """
    wait = min(LONGEST_RETRY_WAIT, timedelta(seconds=2 ** min(job.attempt, MOST_ATTEMPTS)))
    away = isinstance(error, Unready) and error.passing
    later = clock.now() + wait * random.uniform(0.8, 1.2)  # noqa: S311
    # a newer twin with the same unique key may be waiting already: then this one gives way
    twin = select(Job.id).where(Job.id != job.id, Job.state == READY)
    mine = select(Job.unique_key).where(Job.id == job.id).scalar_subquery()
    if session.execute(twin.where(Job.unique_key == mine)).first():
        finish(session, job)
        return
    session.execute(
        update(Job)
        .where(Job.id == job.id, Job.attempts == job.attempt)
        .values(
            state=DEAD if job.attempt >= MOST_ATTEMPTS and not away else READY,
            run_at=later,
            lease_until=None,
            last_error=type(error).__name__,
        )
    )


def hasten(session: Session, kind: str, failed: type[Exception] | None = None) -> None:
    """Try everything of a kind that waits after a failure again now, or what `failed` so."""
    waiting = [Job.kind == kind, Job.state == READY, Job.attempts > 0, Job.run_at > clock.now()]
    if failed is not None:
        waiting.append(Job.last_error == failed.__name__)
    session.execute(update(Job).where(*waiting).values(run_at=clock.now()))


def gauges(session: Session) -> dict[str, float]:
    """For /metrics: how many jobs are ready, running and dead, and the age in seconds of the oldest that is due."""
    now = clock.now()
    counts = {
        row.state: row.jobs
        for row in session.execute(select(Job.state, func.count().label("jobs")).group_by(Job.state))
    }
    oldest = session.scalar(select(func.min(case((_due(now), Job.run_at)))))
    return {state: float(counts.get(state, 0)) for state in (READY, RUNNING, DEAD)} | {
        "oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0
    }


def _due(now: Any) -> Any:
    return or_(_ready(now), _left(now))


def _ready(now: Any) -> Any:
    return (Job.state == READY) & (Job.run_at <= now)


def _left(now: Any) -> Any:
    """Its worker died."""
    return (Job.state == RUNNING) & (Job.lease_until < now)


def _first(session: Session, kinds: Collection[str], which: Any) -> Job | None:
    waiting = select(Job).where(which, Job.kind.in_(kinds)).order_by(Job.patient, Job.run_at)
    return session.scalars(waiting.limit(1).with_for_update(skip_locked=True)).first()
