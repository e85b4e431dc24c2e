"""A comment as every reader sees it, and which comments that is.

A comment that is not published leaves a tombstone (no text, no author) where published replies hang on it. The text
and the author of anything else never leave the database, so no view can show them by mistake.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import is_one_of, shared
from app.models import Account, Comment, Decision, Role, StoryAuthor
from app.models.account import AGREED
from app.models.comment import PUBLISHED, REMOVED
from app.models.role import ALL_SITES


@dataclass(frozen=True)
class Author:
    """Who wrote it. `staff`: has a role at the comment's site. `wrote_story`: the article is theirs. `name_checked`:
    pays under the name, or is excepted.
    """

    id: int
    name: str
    staff: bool
    wrote_story: bool
    name_checked: bool


@dataclass(frozen=True)
class Answered:
    """What a comment replies to, where its place in the slice does not say so. No name: it is not shown."""

    id: int
    name: str | None


@dataclass
class ThreadComment:
    """One comment in a slice; `text` and `author` are None on a tombstone.

    `rule` is the id of the one that a moderator removed it under. `conversation_count`, of a root, is how many
    published replies there are below it, `last_shown` the position of the last of them (0: there is none). `level` is
    how deep the comment is nested in this slice, `more` the position after which the conversation goes on.
    """

    id: int
    site_id: int
    story_id: int
    parent_id: int | None
    root_id: int
    position: int
    last_shown: int
    depth: int
    state: str
    rule: str | None
    text: str | None
    revision: int
    respect_count: int
    reply_count: int
    conversation_count: int
    picked: bool
    common_ground: int
    created_at: datetime
    edited_at: datetime | None
    author: Author | None
    level: int = 0
    in_reply_to: Answered | None = None
    more: int | None = None
    replies: list["ThreadComment"] = field(default_factory=list)

    @property
    def visible(self) -> bool:
        """Whether it is read at all: published, or a tombstone over published replies."""
        return self.state == PUBLISHED or self.reply_count > 0


def visible() -> ColumnElement[bool]:
    """The condition of `ThreadComment.visible`, for replies."""
    return or_(Comment.state == PUBLISHED, Comment.reply_count > 0)


def visible_root() -> ColumnElement[bool]:
    """A root is also shown for the sake of any published comment further down its conversation."""
    return or_(visible(), Comment.conversation_count > 0)


@cache
def query() -> Select[Any]:
    """SELECT of what `read` needs, in the order of ThreadComment and of Author; add joins and conditions on Comment.

    Kept, as putting it together takes four times as long as adding to it.
    """
    return shared(select(*_of_comment(), *_of_author()).join(Account, Account.id == Comment.account_id))


def _of_comment() -> list[Any]:
    return [
        Comment.id,
        Comment.site_id,
        Comment.story_id,
        Comment.parent_id,
        Comment.root_id,
        Comment.position,
        _last_shown(),
        Comment.depth,
        Comment.state,
        case((Comment.state == REMOVED, _removed_under())),
        case((Comment.state == PUBLISHED, Comment.text)),
        Comment.revision,
        Comment.respect_count,
        Comment.reply_count,
        Comment.conversation_count,
        Comment.picked,
        Comment.common_ground,
        Comment.created_at,
        Comment.edited_at,
    ]


def _of_author() -> list[Any]:
    published = Comment.state == PUBLISHED
    staff = exists().where(
        Role.account_id == Comment.account_id, or_(Role.site_id == Comment.site_id, Role.site_id == ALL_SITES)
    )
    wrote_story = exists().where(
        StoryAuthor.story_id == Comment.story_id,
        StoryAuthor.mailbox == Account.email_token,
        Account.verified_at.is_not(None),
    )
    return [
        case((published, Comment.account_id)),
        case((published, Account.name)),
        and_(published, staff),
        and_(published, wrote_story),
        and_(published, func.coalesce(is_one_of(Account.name_check, AGREED), False)),
    ]


def _last_shown() -> ColumnElement[int]:
    reply = aliased(Comment)
    last = select(reply.position).where(reply.root_id == Comment.id, reply.state == PUBLISHED)
    newest = last.order_by(reply.position.desc()).limit(1).scalar_subquery()
    return func.coalesce(case((and_(Comment.depth == 0, Comment.last_position > 0), newest)), 0)


def _removed_under() -> ColumnElement[str | None]:
    """The rule of the last decision on the comment that named one: of a removed comment, what it was removed under."""
    each = aliased(Decision)
    on_it = (each.subject_type == "comment") & (each.subject_id == Comment.id) & each.rule.is_not(None)
    last = select(func.max(each.id)).where(on_it).correlate(Comment).scalar_subquery()
    return select(Decision.rule).where(Decision.id == last).scalar_subquery()


def read(session: Session, statement: Select[Any], parameters: dict[str, Any] | None = None) -> list[ThreadComment]:
    """The comments that a `query` finds, in no order of its own."""
    return [_comment(row) for row in session.execute(statement, parameters)]


def name_answered(session: Session, top: list[ThreadComment]) -> list[ThreadComment]:
    """Say what the comments on top answer, as their parents are not in the slice. One statement, if there are any."""
    parents = {comment.parent_id for comment in top if comment.parent_id is not None}
    if parents:
        name = case((Comment.state == PUBLISHED, Account.name))
        of_parents = select(Comment.id, name).join(Account, Account.id == Comment.account_id)
        names = {row[0]: row[1] for row in session.execute(of_parents.where(Comment.id.in_(parents)))}
        for comment in top:
            if comment.parent_id is not None:
                comment.in_reply_to = Answered(comment.parent_id, names.get(comment.parent_id))
    return top


def _comment(row: Any) -> ThreadComment:
    *of_comment, author_id, name, staff, wrote_story, name_checked = row
    author = None if author_id is None else Author(author_id, name, staff, wrote_story, name_checked)
    return ThreadComment(*[*of_comment, author])
