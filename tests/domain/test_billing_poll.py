"""Events that no webhook brought are read from Stripe's own list, each once, from wherever the last reading stopped."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import clock, worker
from app.billing import throttle
from app.billing.entitlement import Reason
from app.db import Database
from app.gateway.client import Object, Stripe, StripeUnavailable
from app.models import Job, StripeCursor, StripeEvent, StripeSync, Subscription
from app.reconcile import poll
from app.simulator import shapes
from config.policy import HouseRules
from config.settings import Settings
from tests.support.paper import Paper, living_paper

# by then what happened during a test is settled
LATER = timedelta(minutes=10)
# hints are gathered for a moment before they are followed
SOON = timedelta(seconds=1)


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """The webhook's address is down, so that Stripe keeps trying in vain; a poll has been made before."""
    paper.control("knobs", drop_percent=100)
    poll.poll(paper.database, Stripe(paper.settings))
    return paper


def listen(paper: Paper, stripe: Stripe | None = None) -> bool:
    """Poll when all is settled, and do what follows."""
    with clock.pretend(clock.now() + LATER):
        more = poll.poll(paper.database, stripe or Stripe(paper.settings))
    with clock.pretend(clock.now() + LATER + SOON):
        paper.work()
    return more


def place(paper: Paper) -> StripeCursor:
    with paper.database.reading() as session:
        return session.get_one(StripeCursor, poll.CURSOR)


def heard(paper: Paper) -> list[StripeEvent]:
    with paper.database.reading() as session:
        return list(session.scalars(select(StripeEvent)))


def requested(paper: Paper, identifier: str) -> int:
    with paper.database.reading() as session:
        return session.get_one(StripeSync, ("subscription", identifier)).requested_seq


class Listing(Stripe):
    """Counts what is listed, and gives way after `most` entries."""

    def __init__(self, settings: Settings, most: int = 1_000_000) -> None:
        super().__init__(settings)
        self.seen: list[str] = []
        self._most = most

    def walk(self, listing):  # type: ignore[no-untyped-def]
        for entry in super().walk(listing):
            if len(self.seen) == self._most:
                raise StripeUnavailable
            self.seen.append(entry["id"])
            yield entry


def test_while_our_endpoint_is_down_the_poll_hears_what_is_lost(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    paper.work()
    assert not paper.entitlement().allowed
    assert not listen(paper)
    assert paper.entitlement().allowed
    assert {event.source for event in heard(paper)} == {"poll"}
    paper.control(f"subscriptions/{identifier}/cancel")
    listen(paper)
    assert paper.entitlement().reason is Reason.ENDED


def test_what_is_listed_twice_is_kept_once_and_asked_for_once(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    listen(paper)
    before, asked = len(heard(paper)), requested(paper, identifier)
    with paper.database.transaction() as session:
        session.execute(update(StripeCursor).values(value=None))
    listen(paper)
    assert (len(heard(paper)), requested(paper, identifier)) == (before, asked)


def test_a_poll_after_the_webhook_changes_nothing_and_the_other_way_round(paper: Paper) -> None:
    paper.control("knobs", drop_percent=0)
    identifier = paper.sold(account_id=paper.reader.id)
    poll.poll(paper.database, Stripe(paper.settings))
    asked = requested(paper, identifier)
    for event in heard(paper):
        paper.control(f"events/{event.id}/deliver")
    poll.poll(paper.database, Stripe(paper.settings))
    assert requested(paper, identifier) == asked


def test_the_place_stays_behind_what_may_still_enter_the_list(paper: Paper) -> None:
    paper.sold(account_id=paper.reader.id)
    poll.poll(paper.database, Stripe(paper.settings))
    assert place(paper).value is None
    listen(paper)
    settled = place(paper).value
    assert settled is not None
    paper.sold(account_id=paper.reader.id)
    poll.poll(paper.database, Stripe(paper.settings))
    assert place(paper).value == settled
    listen(paper)
    assert place(paper).value != settled


def test_a_poll_goes_on_from_its_place(paper: Paper) -> None:
    paper.sold(account_id=paper.reader.id)
    listen(paper)
    before = {event["id"] for event in paper.simulated.find("event")}
    paper.sold(account_id=paper.reader.id)
    stripe = Listing(paper.settings)
    listen(paper, stripe)
    assert set(stripe.seen) == {event["id"] for event in paper.simulated.find("event")} - before


def test_what_nobody_follows_leaves_no_row_and_still_moves_the_place(paper: Paper) -> None:
    with paper.simulated.transaction():
        event = paper.simulated.save("event", shapes.event("product.updated", paper.simulated.find("product")[0]))
    listen(paper)
    assert heard(paper) == []
    assert place(paper).value == event["id"]


@pytest.mark.parametrize("first", [True, False])
def test_an_interrupted_poll_loses_nothing(paper: Paper, monkeypatch: pytest.MonkeyPatch, first: bool) -> None:
    monkeypatch.setattr(poll, "BATCH_EVENTS", 2)
    if not first:
        paper.sold(account_id=paper.reader.id)
        listen(paper)
    made = [paper.sold(account_id=paper.reader.id) for _ in range(3)]
    for most in (1, 3, 5, 7, 1_000):
        with suppress(StripeUnavailable):
            listen(paper, Listing(paper.settings, most))
    with paper.database.reading() as session:
        assert set(made) <= set(session.scalars(select(Subscription.id).where(Subscription.status == "active")))


def test_a_long_list_is_read_in_parts_so_that_other_work_gets_its_turn(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.sold(account_id=paper.reader.id)
    listen(paper)
    monkeypatch.setattr(poll, "BATCH_EVENTS", 2)
    monkeypatch.setattr(poll, "MOST_BATCHES", 2)
    for _ in range(3):
        paper.sold(account_id=paper.reader.id)
    parts = 1
    while listen(paper):
        parts += 1
    assert parts > 2
    with paper.database.reading() as session:
        assert len(session.scalars(select(Subscription.id)).all()) == 4


def test_a_place_that_stripe_has_forgotten_is_left_for_the_time_of_the_last_poll(paper: Paper) -> None:
    paper.sold(account_id=paper.reader.id)
    listen(paper)
    with paper.database.transaction() as session:
        session.execute(update(StripeCursor).values(value="evt_forgotten", updated_at=clock.now()))
    identifier = paper.sold(account_id=paper.reader.id)
    listen(paper)
    assert requested(paper, identifier)
    assert place(paper).value != "evt_forgotten"


def test_the_first_poll_of_all_looks_back_an_hour_and_no_further(
    settings: Settings, house: HouseRules, database: Database, tmp_path: Path
) -> None:
    with living_paper(settings, house, database, tmp_path) as paper:
        paper.control("knobs", drop_next=1_000_000)
        old, recent = (paper.sold(account_id=paper.reader.id) for _ in range(2))
        with paper.simulated.transaction():
            for event in paper.simulated.find("event"):
                if old in str(event):
                    paper.simulated.save("event", event | {"created": event["created"] - 2 * 3600})
        poll.poll(database, Stripe(paper.settings))
        assert {event.object_id for event in heard(paper)} & {old, recent} == {recent}


def test_something_else_in_the_list_does_not_stop_it(paper: Paper) -> None:
    with paper.simulated.transaction():
        broken: Object = paper.simulated.save("event", {"id": "evt_broken", "object": "event", "livemode": False})
    identifier = paper.sold(account_id=paper.reader.id)
    listen(paper)
    assert broken["id"] != place(paper).value
    assert requested(paper, identifier)


def test_the_worker_listens_by_itself_and_an_absent_stripe_is_no_failure(paper: Paper) -> None:
    runner = worker.runner(throttle.throttled(paper.it))
    paper.sold(account_id=paper.reader.id)
    runner.plan()
    runner.run_all()
    with clock.pretend(clock.now() + SOON):
        runner.run_all()
    assert paper.entitlement().allowed
    paper.stripe_goes_away()
    with clock.pretend(clock.now() + timedelta(hours=2)):
        runner.run_all()
        with paper.database.reading() as session:
            failed = session.scalars(select(Job.kind).where(Job.last_error.is_not(None))).all()
    assert not {"stripe.poll", "stripe.reconcile"} & set(failed)
