"""Readers respect comments: once each, and not their own. The number is kept with the comment.

Who it was is forgotten when the comment is old (app.retention). Nobody can respect it from then on, as they might have
done so before.
"""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock, ids
from app.comments import gate
from app.db import find_locked, insert
from app.errors import Conflict, NotFound, TooMany
from app.language import mark
from app.models import Comment, Reaction
from app.models.comment import PUBLISHED
from app.models.reaction import RESPECT
from app.stories import publication
from app.stories.sites import SiteSnapshot
from config.policy import HouseRules
from config.rules import Limits

MINUTE = timedelta(minutes=1)
OWN = mark("You cannot respect your own comment.")
OLD = mark("This comment is older than %(days)s days: only the number of respects is kept, and it changes no more.")


def respect(session: Session, account_id: int, comment_id: int, site: SiteSnapshot, house: HouseRules) -> int:
    """The account respects the comment, if it does not yet. Returns how many do.

    Raises what the gate raises, NotFound for what is not published, Conflict (one's own; too old), TooMany.
    """
    writer = gate.pass_gate(session, account_id, "react", site, house)
    comment = _lock(session, comment_id)
    if comment.account_id == account_id:
        raise Conflict("own_comment", OWN)
    if not is_open(comment_id, house):
        raise Conflict("reactions_over", OLD, days=house.retention.reactions_days)
    _check_rate(session, account_id, writer.rules.limits)
    values = {"comment_id": comment.id, "account_id": account_id, "kind": RESPECT, "story_id": comment.story_id}
    new = insert(session, Reaction).values(**values, created_at=clock.now()).on_conflict_do_nothing()
    if session.execute(new.returning(Reaction.comment_id)).first():
        _change(session, comment, 1)
    return comment.respect_count


def withdraw(session: Session, account_id: int, comment_id: int, site: SiteSnapshot, house: HouseRules) -> int:
    """The account respects the comment no more, if it did. Returns how many do. Raises as `respect`."""
    gate.pass_gate(session, account_id, "react", site, house)
    comment = _lock(session, comment_id)
    of_account = (Reaction.comment_id == comment.id, Reaction.account_id == account_id, Reaction.kind == RESPECT)
    if session.execute(delete(Reaction).where(*of_account).returning(Reaction.comment_id)).first():
        _change(session, comment, -1)
    return comment.respect_count


def is_open(comment_id: int, house: HouseRules) -> bool:
    """Whether a comment is young enough to be reacted to."""
    return comment_id >= ids.first_at(clock.now() - timedelta(days=house.retention.reactions_days))


def _lock(session: Session, comment_id: int) -> Comment:
    comment = find_locked(session, Comment, Comment.id == comment_id, Comment.state == PUBLISHED)
    if comment is None:
        raise NotFound
    return comment


def _change(session: Session, comment: Comment, by: int) -> None:
    comment.respect_count += by
    session.flush()
    publication.touch(session, comment.story_id)


def _check_rate(session: Session, account_id: int, limits: Limits) -> None:
    since = clock.now() - MINUTE
    recent = select(func.count()).where(Reaction.account_id == account_id, Reaction.created_at > since)
    if (session.scalar(recent) or 0) >= limits.reactions_per_minute:
        raise TooMany(retry_after=int(MINUTE.total_seconds()))
