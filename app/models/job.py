from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

READY, RUNNING, DEAD = "ready", "running", "dead"
WAITING = text("state = 'ready' AND unique_key IS NOT NULL")


class Job(Model):
    """Work to be done, written in the transaction that causes it; done work leaves no row.

    A job whose lease ran out (its worker died) is taken again, so handlers must bear repetition.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        one_of("state", (READY, RUNNING, DEAD)),
        Index("ix_jobs_due", "state", "patient", "run_at"),
        Index("uq_jobs_unique_key", "unique_key", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = primary_key()
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    # at most one waiting job per key
    unique_key: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=READY)
    # it lets all others of its track that are due go first
    patient: Mapped[bool] = mapped_column(default=False)
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    # class name of the last failure: never its message, which may contain a text or an address
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
