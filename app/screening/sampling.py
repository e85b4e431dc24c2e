"""Which comments a second scorer is asked about: those whose verdict the first was the least sure of.

How sure is the assessment's margin, the way to the hold threshold in logits. The policy names the share of comments;
a comment is in it if its margin is among the smallest of that share of the latest ones. So the share holds whatever the
scorer and the thresholds are, from counting alone.
"""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.jobs import queue
from app.models import Assessment, Comment
from app.signals import premoderation
from config.rules import SiteRules

RECONSIDER = "comments.reconsider"
# how many assessments are looked at for first opinions to compare with, and how many of these it takes
LATEST_ASSESSMENTS = 1000
ENOUGH_ASSESSMENTS = 100


def ask_second(session: Session, rules: SiteRules, comment: Comment, assessment: Assessment) -> None:
    """Have the second scorer asked about the present text of `comment`, if `assessment` is in doubt.

    Imported history is left alone, and so is what waits for another reason than its scores.
    """
    if comment.origin != "site" or premoderation.is_premoderated(assessment.signals):
        return
    if assessment.margin is None or not _is_doubtful(session, abs(assessment.margin), rules.second_opinion.share):
        return
    key = f"{RECONSIDER}:{comment.id}:{comment.revision}"
    queue.enqueue(session, RECONSIDER, {"assessment_id": str(assessment.id)}, unique_key=key)


def _is_doubtful(session: Session, distance: float, share: float) -> bool:
    """Whether less than `share` of the latest first opinions were nearer to their threshold. One statement."""
    newest = select(Assessment.margin, Assessment.revises_id).order_by(Assessment.id.desc())
    latest = newest.limit(LATEST_ASSESSMENTS).subquery()
    first = latest.c.margin.is_not(None) & latest.c.revises_id.is_(None)
    nearer = func.count(case((func.abs(latest.c.margin) < distance, 1)))
    known, before = session.execute(select(func.count(), nearer).select_from(latest).where(first)).one()
    return share > 0 and bool(known < ENOUGH_ASSESSMENTS or before < share * known)
