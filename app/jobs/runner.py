"""Runs jobs until told to stop."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import clock
from app.db import Database, is_busy
from app.jobs import queue

# does one kind of job, given its payload; runs again where it raises, or where its worker died
Handler = Callable[[dict[str, Any]], None]
log = structlog.get_logger()
# how long what is due and locked is waited for, and how often it is looked at again
LOCKED_SECONDS, MOST_PASSED_OVER = 0.01, 500


@dataclass(frozen=True)
class Recurring:
    """A job that is written anew, `every` so often, whenever it was done."""

    kind: str
    every: timedelta


class Runner:
    """Works the jobs for which it has handlers, one at a time; start several for more."""

    def __init__(
        self, database: Database, handlers: Mapping[str, Handler], recurring: tuple[Recurring, ...] = ()
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._recurring = {job.kind: job.every for job in recurring}
        self._planned = False

    def run_until(self, stop: threading.Event, *, idle_seconds: float = 0.5) -> None:
        """Work until `stop` is set, looking for new jobs every `idle_seconds`; a busy database is waited for."""
        keep_at(self._work, stop, idle_seconds)

    def _work(self) -> bool:
        if not self._planned:
            self.plan()
            self._planned = True
        return self.run_one()

    def plan(self) -> None:
        """Make sure that every recurring job is waiting."""
        with self._database.transaction() as session:
            for kind in self._recurring:
                queue.enqueue(session, kind, unique_key=kind)

    def run_all(self) -> int:
        """Work everything that is due now; the number of jobs done or failed.

        What somebody is just asking for anew is locked for a moment, and waited for.
        """
        done = passed_over = 0
        while passed_over < MOST_PASSED_OVER:
            if self.run_one():
                done, passed_over = done + 1, 0
            elif not self._is_any_due():
                break
            else:
                passed_over += 1
                time.sleep(LOCKED_SECONDS)
        return done

    def run_one(self) -> bool:
        """Work one job; False if none was due."""
        if not self._is_any_due():
            return False
        with self._database.transaction() as session:
            job = queue.lease(session, self._handlers)
        if job is None:
            return False
        try:
            self._handlers[job.kind](job.payload)
        except Exception as error:
            log.warning("job failed", kind=job.kind, job=job.id, attempt=job.attempt, error=type(error).__name__)
            with self._database.transaction() as session:
                queue.fail(session, job, error)
                self._again(session, job.kind)
            return True
        with self._database.transaction() as session:
            queue.finish(session, job)
            self._again(session, job.kind)
        return True

    def _is_any_due(self) -> bool:
        with self._database.reading() as session:
            return queue.due(session, self._handlers)

    def _again(self, session: Session, kind: str) -> None:
        """What recurs comes again, even after it has failed for good."""
        if every := self._recurring.get(kind):
            queue.enqueue(session, kind, run_at=clock.now() + every, unique_key=kind)


def keep_at(work: Callable[[], bool], stop: threading.Event, idle_seconds: float) -> None:
    """Do `work` again and again until `stop` is set, and rest for `idle_seconds` when it says that there was none.

    A busy database is waited for.
    """
    while not stop.is_set():
        try:
            if not work():
                stop.wait(idle_seconds)
        except DBAPIError as error:
            if not is_busy(error):
                raise
            log.warning("database not available", error=type(error).__name__)
            stop.wait(2)
