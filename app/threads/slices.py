"""A story's comments, a slice of roots at a time, each with the first replies of its conversation.

A slice is one statement. It costs the same in a story of fifty comments and of fifty thousand: roots come by keyset
from an index, and of each conversation the first positions only, which are numbered from 0 in order of arrival.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.orm import Session

from app import cursors
from app.cursors import Place
from app.models import Comment
from app.models.comment import PUBLISHED
from app.threads import thread_comments
from app.threads.nesting import nest
from app.threads.thread_comments import ThreadComment

SLICE_ROOTS = 50
FIRST_REPLIES = 10

SortName = Literal["newest", "oldest", "respected", "discussed"]
SORTS: tuple[SortName, ...] = get_args(SortName)


@dataclass(frozen=True)
class Sort:
    """An order of roots: the columns of an index and its direction. The last column is the id, so no two are equal."""

    columns: tuple[str, ...]
    descending: bool = True

    def after(self) -> ColumnElement[bool]:
        """What comes after the root with the values of the parameters named after the columns."""
        columns, values = tuple_(*self._columns()), tuple_(*(bindparam(f"after_{name}") for name in self.columns))
        return columns < values if self.descending else columns > values

    def order(self) -> list[Any]:
        """ORDER BY."""
        return [column.desc() if self.descending else column.asc() for column in self._columns()]

    def place(self, comment: ThreadComment) -> Place:
        """Where `comment` stands in this order."""
        return tuple(getattr(comment, name) for name in self.columns)

    def _columns(self) -> list[Any]:
        return [getattr(Comment, name) for name in self.columns]


_SORTS: dict[SortName, Sort] = {
    "newest": Sort(("id",)),
    "oldest": Sort(("id",), descending=False),
    "respected": Sort(("respect_count", "id")),
    "discussed": Sort(("conversation_count", "id")),
}


@dataclass(frozen=True)
class ThreadSlice:
    """Comments, nested, and the cursor of what follows them, if anything does."""

    comments: list[ThreadComment]
    next: str | None


EMPTY = ThreadSlice([], None)


def place_of(cursor: str | None, sort: SortName) -> Place | None:
    """The root that a slice comes after. Raises Malformed (422) for a cursor that is none of this order's."""
    return None if cursor is None else cursors.decode(cursor, (int,) * len(_SORTS[sort].columns))


def of_story(session: Session, story_id: int, sort: SortName, after: Place | None, levels: int) -> ThreadSlice:
    """The roots after `after` (None: from the first) with their first replies, nested `levels` deep. One statement."""
    order = _SORTS[sort]
    parameters: dict[str, float] = {"story": story_id, "roots": SLICE_ROOTS + 1, "replies": FIRST_REPLIES}
    if after is not None:
        parameters |= {f"after_{name}": value for name, value in zip(order.columns, after, strict=True)}
    statement = _statement(sort, from_start=after is None)
    found = list(_conversations(thread_comments.read(session, statement, parameters), levels))
    found.sort(key=order.place, reverse=order.descending)
    return ThreadSlice(*cursors.cut(found, SLICE_ROOTS, order.place))


def begins_with(session: Session, comment: Comment) -> bool:
    """Whether the first slice of the newest conversations shows `comment`, which is published. One statement."""
    if comment.position > FIRST_REPLIES:
        return False
    newer = Comment.story_id == comment.story_id, Comment.depth == 0, Comment.id > comment.root_id
    before = select(Comment.id).where(*newer, thread_comments.visible_root()).limit(SLICE_ROOTS)
    return len(session.scalars(before).all()) < SLICE_ROOTS


@cache
def _statement(sort: SortName, *, from_start: bool) -> Select[Any]:
    """The slice's statement, built once: building it anew took longer than running it."""
    order = _SORTS[sort]
    conditions = [Comment.story_id == bindparam("story"), Comment.depth == 0, thread_comments.visible_root()]
    if not from_start:
        conditions.append(order.after())
    first = select(Comment.id).where(*conditions).order_by(*order.order()).limit(bindparam("roots"))
    roots = first.cte("roots")
    together = thread_comments.query().join(roots, Comment.root_id == roots.c.id)
    return together.where(Comment.position <= bindparam("replies"))


def most_respected(session: Session, story_id: int) -> ThreadComment | None:
    """The published root of a story that most readers respect, if any reader does. One statement."""
    best = thread_comments.query().where(Comment.story_id == story_id, Comment.depth == 0, Comment.state == PUBLISHED)
    found = thread_comments.read(session, best.order_by(*_SORTS["respected"].order()).limit(1))
    return found[0] if found and found[0].respect_count else None


def _conversations(comments: list[ThreadComment], levels: int) -> Iterable[ThreadComment]:
    comments.sort(key=attrgetter("root_id", "position"))
    for _root_id, conversation in groupby(comments, key=attrgetter("root_id")):
        (root,) = nest(conversation, levels)
        root.more = FIRST_REPLIES if root.last_shown > FIRST_REPLIES else None
        yield root
