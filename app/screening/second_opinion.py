"""The job that asks the second scorer about a comment, and how often that went how."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, ids
from app.db import retrying
from app.errors import Unready
from app.installation import Installation
from app.jobs.runner import Handler
from app.models import Assessment, Job, Revision
from app.models.assessment import EFFECTS
from app.models.job import READY
from app.screening import revision as revising
from app.screening.sampling import RECONSIDER
from app.text import markup
from app.toxicity.missing import Unloadable
from app.toxicity.scorer import Scorer, Scoring, Unavailable, known_as

DEADLINE_SECONDS = 10.0
# an opinion that comes later than this is of no use any more
OPINION_USEFUL_FOR = timedelta(hours=1)
MEASURED_TIME = timedelta(hours=1)
# an import writes millions, and a measurement must not read them all
MOST_ASSESSMENTS = 100_000

Load = Callable[[], Scorer]


def handlers(it: Installation) -> dict[str, Handler]:
    """What to do for each kind of job."""
    return {RECONSIDER: partial(reconsider, it)}


def reconsider(it: Installation, job: dict[str, Any]) -> None:
    """Ask the second scorer about the text of an assessment, and revise it. A second time changes nothing.

    Raises Unready while the scorer does not answer, until OPINION_USEFUL_FOR is over: then the first verdict stands.
    """
    with it.database.reading() as session:
        first = session.get(Assessment, int(job["assessment_id"]))
        revision = session.get(Revision, (first.comment_id, first.revision)) if first else None
    if first is None or revision is None or it.load_second_scorer is None:
        return
    opinion = ask(it.load_second_scorer, revision.text)
    if isinstance(opinion.result, Unavailable) and clock.now() < first.created_at + OPINION_USEFUL_FOR:
        raise Unready("second_scorer_unavailable")
    retrying(_revise)(it, first.id, opinion)


def ask(load: Load, text: str) -> Scoring:
    """What the second scorer says of a comment: of what readers see, as the first was asked."""
    try:
        scorer = load()
    except (ValueError, Unloadable) as error:
        return Scoring("", Unavailable(f"missing:{type(error).__name__}"))
    answer = scorer.score([markup.plain(text)], DEADLINE_SECONDS)
    return Scoring(known_as(scorer), answer if isinstance(answer, Unavailable) else answer[0])


def gauges(session: Session) -> dict[str, float]:
    """For /metrics: what the second opinions of the last hour did (of its latest MOST_ASSESSMENTS), by effect, and how
    many are tried again.
    """
    since = ids.first_at(clock.now() - MEASURED_TIME)
    recent = select(Assessment.effect).where(Assessment.id >= since).order_by(Assessment.id.desc())
    latest = recent.limit(MOST_ASSESSMENTS).subquery()
    found = session.execute(select(latest.c.effect, func.count()).group_by(latest.c.effect))
    counts: dict[str | None, int] = dict(found.all())
    waiting = select(func.count()).where(Job.kind == RECONSIDER, Job.state == READY, Job.attempts > 0)
    return {effect: float(counts.get(effect, 0)) for effect in EFFECTS} | {
        "retrying": float(session.scalar(waiting) or 0)
    }


def _revise(it: Installation, first_id: int, opinion: Scoring) -> None:
    with it.database.transaction() as session:
        revising.revise(session, it.house, first_id, opinion)
