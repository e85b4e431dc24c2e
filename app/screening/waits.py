"""How long it usually takes until a moderator has read a comment that the machine holds, by a site's own last ones."""

import time
from datetime import timedelta
from statistics import median_low
from weakref import WeakKeyDictionary

from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import Item
from app.models.item import CLOSED
from app.review_queue.kinds import COMMENT, SEVERE
from app.signals import families

WITHIN = timedelta(days=30)
# of so many answers at most, those on held comments; below the least nothing is said
LOOKED_AT, MOST, LEAST = 200, 50, 10
KEPT_SECONDS = 300.0

_kept: WeakKeyDictionary[Database, dict[int, tuple[float, timedelta | None]]] = WeakKeyDictionary()


def usual(database: Database, site_id: int) -> timedelta | None:
    """The median, at most KEPT_SECONDS old; None where too little is known. At most one statement."""
    kept = _kept.setdefault(database, {})
    at, known = kept.get(site_id, (-KEPT_SECONDS, None))
    if time.monotonic() - at < KEPT_SECONDS:
        return known
    lengths = _lengths(database, site_id)
    found = median_low(lengths) if len(lengths) >= LEAST else None
    kept[site_id] = (time.monotonic(), found)
    return found


def _lengths(database: Database, site_id: int) -> list[timedelta]:
    of_comments = (Item.site_id == site_id, Item.kind == COMMENT, Item.state == CLOSED)
    answered = select(Item.opened_at, Item.closed_at, Item.reasons).where(*of_comments)
    last = answered.where(Item.closed_at > clock.now() - WITHIN).order_by(Item.closed_at.desc()).limit(LOOKED_AT)
    with database.reading() as session:
        found = session.execute(last).all()
    return [row.closed_at - row.opened_at for row in found if _was_held(row.reasons)][:MOST]


def _was_held(reasons: list[str]) -> bool:
    return any(code != SEVERE and families.with_code(code) for code in reasons)
