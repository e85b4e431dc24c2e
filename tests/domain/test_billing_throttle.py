"""When Stripe wants to be left alone, all our processes leave it alone, and nothing that waits is ever lost."""

from datetime import timedelta

import pytest

from app import clock, worker
from app.billing import sync, throttle
from app.db import Database
from app.gateway import subscriptions as at_stripe
from app.gateway.client import StripeUnavailable
from app.jobs import queue
from app.models import Job, StripeThrottle
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.loopback import serving
from tests.support.stripe_world import eventually


def busy(retry_after: str) -> object:
    def answer(_environ: object, start_response: object) -> list[bytes]:
        headers = [("Content-Type", "application/json"), ("Retry-After", retry_after)]
        start_response("429 Too Many Requests", headers)  # type: ignore[operator]
        return [b'{"error": {"type": "invalid_request_error", "code": "rate_limit"}}']

    return answer


def free_in(database: Database) -> float:
    with database.reading() as session:
        return (session.get_one(StripeThrottle, throttle.CALLS).free_at - clock.now()).total_seconds()


@pytest.mark.parametrize(("retry_after", "seconds"), [("20", 20), ("9999", 60), ("soon", 5)])
def test_a_429_silences_everybody_for_as_long_as_stripe_asks(
    settings: Settings, house: HouseRules, database: Database, retry_after: str, seconds: float
) -> None:
    from dataclasses import replace

    with serving(busy(retry_after)) as server:  # type: ignore[arg-type]
        stripe = throttle.throttled(assembled(replace(settings, stripe_api_base=server.url), house, database)).stripe
        with pytest.raises(StripeUnavailable):
            at_stripe.retrieve(stripe, "sub_1")
    assert free_in(database) == pytest.approx(seconds, abs=3)


def test_whoever_would_wait_long_does_something_else(database: Database) -> None:
    shared = throttle.SharedThrottle(database, throttle.LONGEST_WAIT_OF_A_WORKER)
    shared.slow_down(30)
    with pytest.raises(StripeUnavailable):
        shared.turn()
    assert free_in(database) < 31


def test_turns_follow_each_other_at_our_pace(database: Database) -> None:
    waits = [throttle.take_turn(database) for _ in range(10)]
    assert None not in waits
    last = waits[-1] or timedelta()
    assert last <= 9 * throttle.TIME_BETWEEN_CALLS
    assert last >= 9 * throttle.TIME_BETWEEN_CALLS - timedelta(seconds=2)


def test_a_turn_that_a_clock_far_ahead_took_is_not_waited_for(database: Database) -> None:
    with clock.pretend(clock.now() + timedelta(hours=1)):
        throttle.take_turn(database)
    assert throttle.take_turn(database) == timedelta()


def test_a_day_without_stripe_kills_no_job(settings: Settings, house: HouseRules, database: Database) -> None:
    runner = worker.runner(assembled(settings, house, database))
    with database.transaction() as session:
        sync.request(session, sync.SUBSCRIPTION, "sub_1")
    now = clock.now()
    for hour in range(30):
        with clock.pretend(now + timedelta(hours=hour * 1.3)):
            runner.run_all()
    with database.reading() as session:
        (job,) = [each for each in session.query(Job).all() if each.kind == sync.REFRESH]
        assert (job.state, job.last_error) == ("ready", "StripeUnavailable")
        assert job.attempts > queue.MOST_ATTEMPTS
        assert sync.unfinished(session, 10) == [("subscription", "sub_1")]


def test_what_waited_for_stripe_is_tried_again_by_the_next_repair(database: Database) -> None:
    with database.transaction() as session:
        sync.request(session, sync.SUBSCRIPTION, "sub_1")
    with database.transaction() as session:
        job = queue.lease(session, [sync.REFRESH])
        assert job is not None
    with database.transaction() as session:
        queue.fail(session, job, StripeUnavailable())
    with database.transaction() as session:
        assert not queue.due(session, [sync.REFRESH])
        queue.hasten(session, sync.REFRESH)

    def due() -> bool:
        with database.reading() as session:
            return queue.due(session, [sync.REFRESH])

    eventually(due)
