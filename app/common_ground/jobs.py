"""The job that seeks common ground anew, and the switch of a site."""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app import clock, ids, ledger
from app.common_ground import ballot, scores, support
from app.db import Database
from app.installation import Installation
from app.jobs import queue
from app.jobs.runner import Handler, Recurring
from app.models import Site
from app.stories import sites
from config.policy import HouseRules

SEEK = "common_ground.seek"
RECURRING = (Recurring(SEEK, timedelta(hours=1)),)


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {SEEK: partial(seek, it.database, it.house)}


def turn(session: Session, site: Site, *, on: bool) -> None:
    """Have common ground sought at `site` (locked), or not. It begins and ends with the next job, which is due now."""
    site.policy = {**site.policy, "common_ground": {**site.policy.get("common_ground", {}), "enabled": on}}
    ledger.append(session, ledger.Entry(None, "site.common_ground", "site", site.id, site.id, {"on": on}))
    queue.enqueue(session, SEEK, unique_key=SEEK)


def seek(database: Database, house: HouseRules, _payload: dict[str, Any]) -> None:
    """Job: at each site say which comments are common ground, or forget all of it where it is not sought any more."""
    since = ids.first_at(clock.now() - timedelta(days=house.retention.reactions_days))
    with database.reading() as session:
        listed = sites.listed(session)
    for site in listed:
        _seek_at(database, site, house, since)


def _seek_at(database: Database, site: Site, house: HouseRules, since: int) -> None:
    rules = house.at(site.policy).common_ground
    found = ballot.of_site(database, site.id, since) if rules.enabled else None
    if found is None or found.votes.readers < rules.readers:
        if site.seeks_common_ground:
            scores.forget(database, site.id)
        return
    if not site.seeks_common_ground:
        scores.seek(database, site.id)
    of_comments = support.scores(found.votes, rules.each_side).tolist()
    by_comment = zip(found.comment_ids.tolist(), of_comments, strict=True)
    scores.keep(database, site.id, {comment_id: score for comment_id, score in by_comment if score}, since)
