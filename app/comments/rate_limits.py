"""How fast one account may write, counted from its rows in the transaction that writes, so that no burst slips by; and
before, so that no text is scored in vain.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app import clock
from app.db import shared
from app.errors import Conflict, TooMany
from app.ids import RANDOM_BITS, first_at
from app.language import mark
from app.models import Comment, Revision, Story
from config.rules import Limits

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
SLOW_MODE = mark("On this story one waits a while from one comment to the next. Please go on in %(wait)s.")
REPEATED = mark("You have just posted this very comment.")
# asked twice of every post, so it is put together once
_RECENT = shared(
    select(Comment.id, Comment.parent_id, Comment.text_digest)
    .where(Comment.account_id == bindparam("account"), Comment.id >= bindparam("since"))
    .order_by(Comment.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True)
class Written:
    """A comment that an account has written lately."""

    id: int
    parent_id: int | None
    digest: str

    @property
    def at(self) -> datetime:
        """When, as its id tells."""
        return clock.EPOCH + timedelta(milliseconds=self.id >> RANDOM_BITS)


def recent(session: Session, account_id: int, limits: Limits) -> list[Written]:
    """What the account wrote in the last day, the newest first, and no more of it than the limits count."""
    asked = {"account": account_id, "since": first_at(clock.now() - DAY), "most": limits.posts_per_day}
    return [Written(*row) for row in session.execute(_RECENT, asked)]


def check_rate(written: list[Written], limits: Limits) -> None:
    """Raise TooMany if another comment would be over the limit of a minute or a day."""
    now = clock.now()
    for count, window in ((limits.posts_per_minute, MINUTE), (limits.posts_per_day, DAY)):
        if len(written) >= count and written[count - 1].at > now - window:
            wait = written[count - 1].at + window - now
            raise TooMany(retry_after=max(1, ceil(wait.total_seconds())))


def check_repeat(written: list[Written], digest: str, limits: Limits) -> None:
    """Raise Conflict if the account has just written the same text, with the id of that comment, and its parent's."""
    since = clock.now() - timedelta(seconds=limits.repeat_seconds)
    for comment in written:
        if comment.digest == digest and comment.at > since:
            parent = None if comment.parent_id is None else str(comment.parent_id)
            raise Conflict("repeated", REPEATED, comment=str(comment.id), parent=parent)


def check_slow_mode(session: Session, account_id: int, story: Story) -> None:
    """Raise TooMany if the account has written on a slow story too lately. One statement, on a slow story."""
    if not story.slow_seconds:
        return
    pause, now = timedelta(seconds=story.slow_seconds), clock.now()
    mine = Comment.account_id == account_id, Comment.story_id == story.id, Comment.id >= first_at(now - pause)
    last = session.scalar(select(func.max(Comment.created_at)).where(*mine))
    if last is not None and last + pause > now:
        wait = last + pause - now
        raise TooMany("slow_mode", SLOW_MODE, retry_after=max(1, ceil(wait.total_seconds())))


def check_edits(session: Session, comment: Comment, limits: Limits) -> None:
    """Raise TooMany if `comment` was rewritten as often in a minute as its author may post."""
    since = clock.now() - MINUTE
    edits = select(func.count()).where(
        Revision.comment_id == comment.id, Revision.created_at > since, Revision.number > 1
    )
    if (session.scalar(edits) or 0) >= limits.posts_per_minute:
        raise TooMany(retry_after=int(MINUTE.total_seconds()))
