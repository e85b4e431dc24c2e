"""Whether somebody posts again what a person has removed from them, however it is disguised now.

By the shipped rules it is the one case in which the machine suspends: a person has judged these very words.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.accounts import selves
from app.models import Comment, Decision
from app.moderation.actions import REMOVALS
from app.review_queue.kinds import COMMENT
from app.text import cleaning, markup
from app.toxicity import normaliser
from config.rules import Rule, SiteRules

# so many of the latest decisions on an author's comments are looked at
MOST_DECISIONS = 100


def is_repeated(session: Session, comment: Comment, rule: Rule, rules: SiteRules) -> bool:
    """Whether `comment` (its author locked) says what was removed from its author, under whichever account of their
    mailbox, at this site under `rule`, by a removal that stands and whose strike would still count."""
    removed = _removed(session, comment, rule, clock.now() - timedelta(days=rules.strikes.decay_days))
    return bool(removed) and _plain(comment.text) in map(_plain, removed)


def _removed(session: Session, comment: Comment, rule: Rule, since: datetime) -> list[str]:
    """The texts that a person's latest word on them removed under `rule`."""
    undoing = aliased(Decision)
    found = session.execute(
        select(Decision.subject_id, Decision.action, Decision.rule, Comment.text)
        .join(Comment, Comment.id == Decision.subject_id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(
            Decision.account_id.in_(selves.of_mailbox(comment.account_id)),
            Decision.site_id == comment.site_id,
            Decision.subject_type == COMMENT,
            Decision.actor_id.is_not(None),
            Decision.action.in_((*REMOVALS, "approve")),
            Decision.created_at >= since,
            undoing.id.is_(None),
        )
        .order_by(Decision.created_at.desc(), Decision.id.desc())
        .limit(MOST_DECISIONS)
    )
    texts, judged = [], set[int]()
    for comment_id, action, under, text in found:
        if comment_id not in judged and action in REMOVALS and under == rule.id:
            texts.append(text)
        judged.add(comment_id)
    return texts


def _plain(text: str) -> str:
    return cleaning.digest(normaliser.shipped()(markup.plain(text)))
