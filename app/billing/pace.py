"""The pace of all our processes together at Stripe, which answers 25 requests a second at one endpoint.

A row says when the next call may begin. Each caller moves it on by one share and waits until its own turn has come, so
nothing is locked while anybody waits.
"""

import time
from datetime import timedelta

from sqlalchemy import select

from app import clock
from app.db import Database, insert_once
from app.gateway.client import Stripe
from app.models import StripePace
from config.settings import Settings

CALLS_PER_SECOND = 20
SHARE = timedelta(seconds=1 / CALLS_PER_SECOND)
# a row left by a clock that ran ahead must not stop us for longer
LONGEST_WAIT = timedelta(minutes=1)
CALLS = "calls"


def paced(settings: Settings, database: Database) -> Stripe:
    """A client for work that nobody waits for: every request takes its turn. Never used with a transaction open."""
    return Stripe(settings, pace=lambda: time.sleep(take_turn(database).total_seconds()))


def take_turn(database: Database) -> timedelta:
    """Reserve the next turn; how long it is until then."""
    with database.transaction() as session:
        now = clock.now()
        insert_once(session, StripePace, name=CALLS, free_at=now)
        row = session.scalars(select(StripePace).where(StripePace.name == CALLS).with_for_update()).one()
        turn = min(max(now, row.free_at), now + LONGEST_WAIT)
        row.free_at = turn + SHARE
    return turn - now
