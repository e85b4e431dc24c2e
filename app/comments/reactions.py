"""Readers respect comments: once each, and not their own. The number is kept with the comment. Where common ground is
sought they may say, too, that they disagree: nobody is shown that, and it is counted nowhere.

Who it was is forgotten when the comment is old (app.retention). Nobody can react to it from then on, as they might
have done so before.
"""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock, ids
from app.comments import gate
from app.db import find_locked, insert_once
from app.errors import Conflict, NotFound, TooMany
from app.language import mark
from app.models import Comment, Reaction, Site
from app.models.comment import PUBLISHED
from app.models.reaction import DISAGREEMENT, RESPECT
from app.stories import publication, sites
from app.stories.sites import SiteSnapshot
from config.policy import HouseRules
from config.rules import Limits

MINUTE = timedelta(minutes=1)
OWN = mark("You cannot react to your own comment.")
OFF = mark("This newspaper does not ask who disagrees with a comment.")
OLD = mark("This comment is older than %(days)s days: only the number of respects is kept, and it changes no more.")


def respect(session: Session, account_id: int, comment_id: int, site: SiteSnapshot, house: HouseRules) -> int:
    """The account respects the comment, if it does not yet. Returns how many do.

    Raises what the gate raises, NotFound for what is not published, Conflict (one's own; too old), TooMany.
    """
    limits = gate.pass_gate(session, account_id, "react", site, house).rules.limits
    comment = _to_react_to(session, account_id, comment_id, house)
    if _react(session, account_id, comment, RESPECT, limits):
        _change(session, comment, 1)
    return comment.respect_count


def withdraw(session: Session, account_id: int, comment_id: int, site: SiteSnapshot, house: HouseRules) -> int:
    """The account respects the comment no more, if it did. Returns how many do. Raises as `respect`."""
    gate.pass_gate(session, account_id, "react", site, house)
    comment = _lock(session, comment_id)
    if _take_back(session, account_id, comment_id, RESPECT):
        _change(session, comment, -1)
    return comment.respect_count


def disagree(session: Session, account_id: int, comment_id: int, site: SiteSnapshot, house: HouseRules) -> None:
    """The account disagrees with the comment, whether it respects it or not. Nobody else ever learns of it.

    Raises as `respect` does, and Conflict where nobody is asked.
    """
    limits = gate.pass_gate(session, account_id, "react", site, house).rules.limits
    comment = _to_react_to(session, account_id, comment_id, house)
    # with a lock: where it is sought no more, what readers said is deleted, and nothing is to come after that
    here = session.scalars(select(Site).where(Site.id == site.id).with_for_update(read=True)).one()
    if not sites.asks_who_disagrees(here, house):
        raise Conflict("common_ground_off", OFF)
    _react(session, account_id, comment, DISAGREEMENT, limits)


def disagree_no_more(session: Session, account_id: int, comment_id: int, site: SiteSnapshot, house: HouseRules) -> None:
    """The account takes back that it disagrees with the comment. Raises what the gate raises."""
    gate.pass_gate(session, account_id, "react", site, house)
    _take_back(session, account_id, comment_id, DISAGREEMENT)


def is_open(comment_id: int, house: HouseRules) -> bool:
    """Whether a comment is young enough to be reacted to."""
    return comment_id >= ids.first_at(clock.now() - timedelta(days=house.retention.reactions_days))


def _lock(session: Session, comment_id: int) -> Comment:
    comment = find_locked(session, Comment, Comment.id == comment_id, Comment.state == PUBLISHED)
    if comment is None:
        raise NotFound
    return comment


def _to_react_to(session: Session, account_id: int, comment_id: int, house: HouseRules) -> Comment:
    """The comment, locked, if the account may react to it."""
    comment = _lock(session, comment_id)
    if comment.account_id == account_id:
        raise Conflict("own_comment", OWN)
    if not is_open(comment_id, house):
        raise Conflict("reactions_over", OLD, days=house.retention.reactions_days)
    return comment


def _react(session: Session, account_id: int, comment: Comment, kind: str, limits: Limits) -> bool:
    """Whether that is new."""
    _check_rate(session, account_id, limits)
    values = {"comment_id": comment.id, "account_id": account_id, "kind": kind, "story_id": comment.story_id}
    return insert_once(session, Reaction, **values, created_at=clock.now())


def _take_back(session: Session, account_id: int, comment_id: int, kind: str) -> bool:
    """Whether there was something to take back."""
    of_account = (Reaction.comment_id == comment_id, Reaction.account_id == account_id, Reaction.kind == kind)
    return session.execute(delete(Reaction).where(*of_account).returning(Reaction.comment_id)).first() is not None


def _change(session: Session, comment: Comment, by: int) -> None:
    comment.respect_count += by
    session.flush()
    publication.touch(session, comment.story_id)


def _check_rate(session: Session, account_id: int, limits: Limits) -> None:
    since = clock.now() - MINUTE
    recent = select(func.count()).where(Reaction.account_id == account_id, Reaction.created_at > since)
    if (session.scalar(recent) or 0) >= limits.reactions_per_minute:
        raise TooMany(retry_after=int(MINUTE.total_seconds()))
