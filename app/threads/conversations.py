"""One conversation: what follows in it, and a comment in its context, for permalinks."""

from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import CTE, Select, bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from app import cursors
from app.db import shared
from app.errors import NotFound
from app.models import Comment
from app.threads import thread_comments
from app.threads.nesting import nest
from app.threads.slices import FIRST_REPLIES, ThreadSlice
from app.threads.thread_comments import Author, ThreadComment

SLICE_REPLIES = 50
NEAR_REPLIES = 10


@dataclass(frozen=True)
class CommentInContext:
    """A comment as its permalink shows it. `conversation` is the root with the way down to the comment and its first
    replies; a second entry, if any, is the first of its nearest ancestors: those in between were left out.
    """

    comment: ThreadComment
    conversation: list[ThreadComment]


def find(session: Session, comment_id: int) -> ThreadComment:
    """The comment, if readers see it. Raises NotFound. One statement."""
    found = thread_comments.read(
        session, thread_comments.query().where(Comment.id == comment_id, thread_comments.visible_root())
    )
    if not found:
        raise NotFound
    return found[0]


def author_of(session: Session, comment_id: int) -> Author | None:
    """Who wrote a comment as readers see them; None if they do not. One statement."""
    found = thread_comments.read(session, _by_id(), {"comment": comment_id})
    return found[0].author if found else None


@cache
def _by_id() -> Select[Any]:
    """Kept, as every post asks it, and putting it together takes longer than the answer."""
    return shared(thread_comments.query().where(Comment.id == bindparam("comment")))


def place_of(cursor: str | None) -> int | None:
    """The position that replies come after. Raises Malformed (422) for a cursor that is none."""
    return None if cursor is None else int(cursors.decode(cursor)[0])


def replies(session: Session, start: ThreadComment, after: int | None, levels: int) -> ThreadSlice:
    """What arrived in the conversation after `start` (or that position), in order of arrival. At most 2 statements."""
    position = start.position if after is None else after
    statement = (
        thread_comments.query()
        .where(Comment.root_id == start.root_id, Comment.position > position, thread_comments.visible())
        .order_by(Comment.position)
        .limit(SLICE_REPLIES + 1)
    )
    found = thread_comments.read(session, statement)
    shown, following = cursors.cut(found, SLICE_REPLIES, lambda comment: (comment.position,))
    return ThreadSlice(thread_comments.name_answered(session, nest(shown, levels)), following)


def context(session: Session, target: ThreadComment, levels: int) -> CommentInContext:
    """The comment with its root, its nearest ancestors and its first replies, nested. At most 2 statements."""
    around = thread_comments.read(session, _near(target, levels))
    ordered = sorted([target, *(c for c in around if c.id != target.id)], key=attrgetter("position"))
    top = thread_comments.name_answered(session, nest(ordered, levels))
    target.more = _more(target)
    return CommentInContext(target, top)


def _near(target: ThreadComment, levels: int) -> Select[Any]:
    if target.parent_id is None:
        return thread_comments.query().where(Comment.root_id == target.id, Comment.position <= FIRST_REPLIES)
    ancestors = _ancestors(target, levels - 1)
    first_replies = (
        select(Comment.id).where(Comment.parent_id == target.id, thread_comments.visible()).order_by(Comment.id)
    )
    near = select(ancestors.c.id).union(
        select(literal(target.root_id)), select(first_replies.limit(NEAR_REPLIES + 1).subquery().c.id)
    )
    ids = near.subquery("near")
    return thread_comments.query().join(ids, ids.c.id == Comment.id)


def _ancestors(target: ThreadComment, steps: int) -> CTE:
    """The ids on the way up from `target`, at most `steps` of them."""
    way = (
        select(Comment.id, Comment.parent_id, literal(1).label("step"))
        .where(Comment.id == target.parent_id)
        .cte("ancestors", recursive=True)
    )
    parent = aliased(Comment)
    return way.union_all(
        select(parent.id, parent.parent_id, way.c.step + 1)
        .join(way, parent.id == way.c.parent_id)
        .where(way.c.step < steps)
    )


def _more(target: ThreadComment) -> int | None:
    if target.parent_id is None:
        return FIRST_REPLIES if target.last_shown > FIRST_REPLIES else None
    if len(target.replies) <= NEAR_REPLIES:
        return None
    del target.replies[NEAR_REPLIES:]
    return target.replies[-1].position
