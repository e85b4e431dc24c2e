"""The queue: once, in order, across failures and deaths of workers."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.db import Database
from app.jobs import queue
from app.jobs.runner import Recurring, Runner
from app.models import Job


class Work:
    """A handler that remembers, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.done: list[dict[str, Any]] = []
        self.failures = failures

    def __call__(self, payload: dict[str, Any]) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("a.reader@example.org is not to be written down")
        self.done.append(payload)


def jobs(database: Database) -> list[Job]:
    with database.reading() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def test_work_is_done_once_and_leaves_no_row(database: Database) -> None:
    work = Work()
    with database.transaction() as session:
        queue.enqueue(session, "greet", {"n": 1})
    assert Runner(database, {"greet": work}).run_all() == 1
    assert (work.done, jobs(database)) == ([{"n": 1}], [])


def test_work_of_a_transaction_that_fails_was_never_there(database: Database) -> None:
    def change_and_fail() -> None:
        with database.transaction() as session:
            queue.enqueue(session, "greet")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert jobs(database) == []


def test_one_job_waits_per_key_and_asking_again_brings_it_forward(database: Database) -> None:
    with database.transaction() as session:
        queue.enqueue(session, "greet", run_at=clock.now() + timedelta(hours=1), unique_key="k")
        queue.enqueue(session, "greet", run_at=clock.now() + timedelta(hours=2), unique_key="k")
        queue.enqueue(session, "greet", unique_key="k")
    work = Work()
    assert Runner(database, {"greet": work}).run_all() == 1
    assert jobs(database) == []


def test_a_failure_waits_longer_each_time_and_keeps_no_message(database: Database) -> None:
    work = Work(failures=2)
    runner = Runner(database, {"greet": work})
    with database.transaction() as session:
        queue.enqueue(session, "greet")
    waits = []
    for _ in range(2):
        runner.run_all()
        (job,) = jobs(database)
        waits.append(job.run_at - clock.now())
        assert job.last_error == "ConnectionError"
        with database.transaction() as session:
            session.get_one(Job, job.id).run_at = clock.now()
    assert waits[0] < waits[1]
    runner.run_all()
    assert (work.done, jobs(database)) == ([{}], [])


def test_after_many_failures_a_job_is_dead_and_counted(database: Database) -> None:
    runner = Runner(database, {"greet": Work(failures=100)})
    with database.transaction() as session:
        queue.enqueue(session, "greet")
    for n in range(queue.MOST_ATTEMPTS):
        with clock.pretend(clock.now() + timedelta(hours=2 * n)):
            assert runner.run_all() == 1
    with clock.pretend(clock.now() + timedelta(days=9)):
        assert runner.run_all() == 0
    with database.reading() as session:
        assert queue.gauges(session)["dead"] == 1


def test_the_work_of_a_dead_worker_is_taken_over_and_the_dead_can_no_longer_finish_it(database: Database) -> None:
    with database.transaction() as session:
        queue.enqueue(session, "greet")
    with database.transaction() as session:
        lost = queue.lease(session, ["greet"])
        assert lost is not None
        assert queue.lease(session, ["greet"]) is None
    with clock.pretend(clock.now() + queue.LEASE_TIME + timedelta(seconds=1)), database.transaction() as session:
        again = queue.lease(session, ["greet"])
        assert again is not None
        queue.finish(session, lost)
    assert len(jobs(database)) == 1
    with database.transaction() as session:
        queue.finish(session, again)
    assert jobs(database) == []


def test_a_recurring_job_waits_for_its_next_time(database: Database) -> None:
    work = Work()
    runner = Runner(database, {"tidy": work}, (Recurring("tidy", timedelta(hours=1)),))
    runner.plan()
    runner.plan()
    assert runner.run_all() == 1
    (job,) = jobs(database)
    assert job.run_at > clock.now() + timedelta(minutes=59)


def test_several_workers_do_each_job_once(database: Database) -> None:
    seen: list[int] = []
    stop = threading.Event()

    def work(payload: dict[str, Any]) -> None:
        seen.append(payload["n"])
        if len(seen) >= 40:
            stop.set()

    with database.transaction() as session:
        for n in range(40):
            queue.enqueue(session, "count", {"n": n})
    runners = [Runner(database, {"count": work}) for _ in range(4)]
    threads = [threading.Thread(target=r.run_until, args=(stop,), kwargs={"idle_seconds": 0.01}) for r in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(seen) == list(range(40))


def test_what_recurs_comes_again_even_after_it_has_failed_for_good(database: Database) -> None:
    sweep = Work(failures=queue.MOST_ATTEMPTS)
    runner = Runner(database, {"sweep": sweep}, (Recurring("sweep", timedelta(hours=2)),))
    runner.plan()
    now = clock.now()
    for day in range(queue.MOST_ATTEMPTS):
        with clock.pretend(now + timedelta(days=day)):
            runner.run_all()
    assert sorted(job.state for job in jobs(database)) == ["dead", "ready"]
    with clock.pretend(now + timedelta(days=queue.MOST_ATTEMPTS)):
        runner.run_all()
    assert sweep.done == [{}]


def test_a_runner_leaves_alone_what_it_does_not_know(database: Database) -> None:
    with database.transaction() as session:
        queue.enqueue(session, "sing")
        queue.enqueue(session, "greet")
    greeting, singing = Work(), Work()
    assert Runner(database, {"greet": greeting}).run_all() == 1
    assert Runner(database, {"sing": singing}).run_all() == 1
    assert (len(greeting.done), len(singing.done), jobs(database)) == (1, 1, [])


def test_what_is_hastened_can_be_named_by_its_failure(database: Database) -> None:
    with database.transaction() as session:
        queue.enqueue(session, "greet")
    runner = Runner(database, {"greet": Work(failures=1)})
    assert runner.run_all() == 1
    with database.transaction() as session:
        queue.hasten(session, "greet", TimeoutError)
    assert runner.run_all() == 0
    with database.transaction() as session:
        queue.hasten(session, "greet", ConnectionError)
    assert runner.run_all() == 1


def test_all_that_is_due_is_done_also_what_somebody_asks_for_at_this_moment(database: Database) -> None:
    """On PostgreSQL who asks again for a job that waits locks it, and it is passed over."""
    work, asked, done = Work(), threading.Event(), threading.Event()
    with database.transaction() as session:
        queue.enqueue(session, "greet", {"n": 1}, unique_key="one")

    def ask_again() -> None:
        with database.transaction() as session:
            queue.enqueue(session, "greet", {"n": 1}, unique_key="one")
            asked.set()
            done.wait(0.3)

    asking = threading.Thread(target=ask_again)
    asking.start()
    asked.wait()
    assert Runner(database, {"greet": work}).run_all() == 1
    done.set()
    asking.join()
    assert (work.done, jobs(database)) == ([{"n": 1}], [])
