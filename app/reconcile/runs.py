"""Everything at Stripe compared with what we have, once a night: what events and polls missed is found here.

It only marks what differs; the one writer fetches it, so that this races safely with webhooks. The state of a run is
one row, moved in the transaction that marks what a slice showed: whoever is interrupted goes on there, and of two who
run at once one gives way.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock
from app.billing import sync
from app.db import Database, insert_once
from app.gateway.client import Stripe, StripeRefused
from app.models import StripeCursor, Subscription
from app.reconcile import gauges, walks
from app.reconcile.drift import Drift
from app.reconcile.walks import Compared, ListSlice

CURSOR = "reconcile"
TIME_BETWEEN_RUNS = timedelta(hours=23)
SLICE_SECONDS = 10.0
UNLISTED = "unlisted"
WALK_NAMES = (*(walk.name for walk in walks.WALKS), UNLISTED)
log = structlog.get_logger()


class Overtaken(RuntimeError):
    """Somebody else goes on with the same run."""


@dataclass(frozen=True)
class Run:
    """How far a run has come: which list, the id of its last entry that was looked at ("": none yet), and how many
    objects differed so far.
    """

    began_at: datetime
    walk: str = WALK_NAMES[0]
    after: str = ""
    drifts: int = 0


def nightly(database: Database, stripe: Stripe) -> bool:
    """Job: go on with the run that is under way or due, for a while; True if there is more to do at once.

    Raises StripeUnavailable; what was done until then is kept.
    """
    end = time.monotonic() + SLICE_SECONDS
    run = _begin(database)
    try:
        while run is not None:
            _found, run = step(database, stripe, run)
            if time.monotonic() > end:
                break
    except Overtaken:
        return False
    return run is not None


def whole(database: Database, stripe: Stripe) -> Iterator[list[Drift]]:
    """A run now, from the beginning, or from where one was interrupted; what each of its slices showed.

    Raises StripeUnavailable, and Overtaken where a worker does the same.
    """
    run = _begin(database, due=True)
    while run is not None:
        found, run = step(database, stripe, run)
        yield found


def step(database: Database, stripe: Stripe, run: Run) -> tuple[list[Drift], Run | None]:
    """Look at one slice and mark what differs; what did, and the run as it is after that, None once it is finished."""
    if run.walk == UNLISTED:
        with database.transaction() as session:
            silent = walks.unlisted(session, run.began_at, run.after)
            compared = Compared([walks.absent(row) for row in silent])
            after = silent[-1].id if len(silent) == walks.BATCH_SUBSCRIPTIONS else None
            carry_out(session, compared, run.began_at)
            return compared.drifts, _settle(session, run, compared, after)
    walk = walks.WALKS[WALK_NAMES.index(run.walk)]
    try:
        listed = walk.ask(stripe, None, run.after or None)
    except StripeRefused:
        if not run.after:
            raise
        # what the run had come to is gone at Stripe: this list again, from the top
        listed = ListSlice([], "", clock.now())
    with database.transaction() as session:
        compared = walk.compare(session, listed)
        carry_out(session, compared, listed.asked_at)
        return compared.drifts, _settle(session, run, compared, listed.after)


def carry_out(session: Session, compared: Compared, at: datetime) -> None:
    """Have what differs or is unclear fetched; what agrees was heard of at `at`, so nobody needs to fetch it."""
    marks = {(drift.object_type, drift.object_id): drift.is_renewal for drift in compared.drifts}
    for (object_type, object_id), patient in sorted((dict.fromkeys(compared.unclear, False) | marks).items()):
        sync.request(session, object_type, object_id, patient=patient)
    for drift in compared.drifts:
        fields = [difference.field for difference in drift.differences]
        log.error("drift from stripe", type=drift.object_type, id=drift.object_id, fields=fields)
    rows = update(Subscription).where(Subscription.id.in_(compared.agreed), Subscription.fetched_at < at)
    session.execute(rows.values(fetched_at=at))


def _begin(database: Database, *, due: bool = False) -> Run | None:
    """The run under way, else a new one if it is `due` or the last one was a day ago."""
    now = clock.now()
    with database.transaction() as session:
        place = session.get(StripeCursor, CURSOR)
        if place is not None:
            walk, _, after = (place.value or "").partition(" ")
            return Run(place.began_at or now, walk, after, place.counted)
        last = session.get(StripeCursor, gauges.RECONCILED)
        if not due and last is not None and last.updated_at > now - TIME_BETWEEN_RUNS:
            return None
        run = Run(now)
        values = {"value": _place(run), "counted": 0, "began_at": now, "updated_at": now}
        return run if insert_once(session, StripeCursor, name=CURSOR, **values) else None


def _settle(session: Session, run: Run, compared: Compared, after: str | None) -> Run | None:
    """Move the run on; None where that was the last slice."""
    place = session.get(StripeCursor, CURSOR, with_for_update=True)
    if place is None or (place.began_at, place.value) != (run.began_at, _place(run)):
        raise Overtaken
    moved = replace(run, after=after or "", drifts=run.drifts + len(compared.drifts))
    if after is None and run.walk == WALK_NAMES[-1]:
        session.delete(place)
        _finish(session, moved)
        return None
    if after is None:
        moved = replace(moved, walk=WALK_NAMES[WALK_NAMES.index(run.walk) + 1])
    place.value, place.counted, place.updated_at = _place(moved), moved.drifts, clock.now()
    return moved


def _finish(session: Session, run: Run) -> None:
    now = clock.now()
    insert_once(session, StripeCursor, name=gauges.RECONCILED, value=None, counted=0, updated_at=now)
    last = session.get_one(StripeCursor, gauges.RECONCILED)
    last.counted, last.began_at, last.updated_at = run.drifts, run.began_at, now
    log.info("reconciled with stripe", drifts=run.drifts, seconds=(now - run.began_at).total_seconds())


def _place(run: Run) -> str:
    return f"{run.walk} {run.after}"
