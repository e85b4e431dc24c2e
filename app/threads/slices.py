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

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, select, tuple_
from sqlalchemy.orm import Session

from app import cursors
from app.cursors import Place
from app.db import shared
from app.models import Comment, Story
from app.models.comment import PUBLISHED
from app.threads import thread_comments
from app.threads.nesting import nest
from app.threads.thread_comments import ThreadComment

SLICE_ROOTS = 50
FIRST_REPLIES = 10

SortName = Literal["newest", "oldest", "respected", "discussed", "common_ground", "picked"]
SORTS: tuple[SortName, ...] = get_args(SortName)
# editors' picks alone, the newest first, replies among them
PICKED: SortName = "picked"
# what readers who usually disagree both respect, then all others, the newest first
COMMON_GROUND: SortName = "common_ground"


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
    COMMON_GROUND: Sort(("common_ground", "id")),
    PICKED: Sort(("id",)),
}


@dataclass(frozen=True)
class ThreadSlice:
    """Comments, nested, and the cursor of what follows them, if anything does."""

    comments: list[ThreadComment]
    next: str | None

    @property
    def ids(self) -> list[int]:
        """Of all comments, replies included."""
        found = list(self.comments)
        for comment in found:
            found += comment.replies
        return [comment.id for comment in found]


EMPTY = ThreadSlice([], None)


def place_of(cursor: str | None, sort: SortName) -> Place | None:
    """The root that a slice comes after. Raises Malformed (422) for a cursor that is none of this order's."""
    return None if cursor is None else cursors.decode(cursor, (int,) * len(_SORTS[sort].columns))


def of_story(session: Session, story: Story, sort: SortName, after: Place | None, levels: int) -> ThreadSlice:
    """The roots after `after` (None: from the first) with their first replies, nested `levels` deep; in front of them,
    whatever the order, the one that is pinned. One statement; two for the picks, if there are replies among them.
    """
    if sort == PICKED:
        return ThreadSlice(_picks(session, story.id, levels) if after is None else [], None)
    order, pinned = _SORTS[sort], story.pinned_id
    parameters: dict[str, float] = {"story": story.id, "roots": SLICE_ROOTS + 1, "replies": FIRST_REPLIES}
    if after is not None:
        parameters |= {f"after_{name}": value for name, value in zip(order.columns, after, strict=True)}
    if pinned is not None:
        parameters["pinned"] = pinned
    statement = _statement(sort, from_start=after is None, pinned=pinned is not None)
    found = list(_conversations(thread_comments.read(session, statement, parameters), levels))
    found.sort(key=order.place, reverse=order.descending)
    first = [comment for comment in found if comment.id == pinned]
    shown, following = cursors.cut([each for each in found if each.id != pinned], SLICE_ROOTS, order.place)
    return ThreadSlice(first + shown, following)


def begins_with(session: Session, comment: Comment | ThreadComment) -> bool:
    """Whether the first slice of the newest conversations shows `comment`, which is published. One statement."""
    if comment.position > FIRST_REPLIES:
        return False
    newer = Comment.story_id == comment.story_id, Comment.depth == 0, Comment.id > comment.root_id
    before = select(Comment.id).where(*newer, thread_comments.visible_root()).limit(SLICE_ROOTS)
    return len(session.scalars(before).all()) < SLICE_ROOTS


@cache
def _statement(sort: SortName, *, from_start: bool, pinned: bool) -> Select[Any]:
    """The slice's statement, built once: building it anew took longer than running it."""
    order = _SORTS[sort]
    conditions = [Comment.story_id == bindparam("story"), Comment.depth == 0, thread_comments.visible_root()]
    if not from_start:
        conditions.append(order.after())
    if pinned:
        conditions.append(Comment.id != bindparam("pinned"))
    first = select(Comment.id).where(*conditions).order_by(*order.order()).limit(bindparam("roots"))
    if pinned and from_start:
        roots = select(first.subquery().c.id).union_all(select(bindparam("pinned", type_=BigInteger))).cte("roots")
    else:
        roots = first.cte("roots")
    together = thread_comments.query().join(roots, Comment.root_id == roots.c.id)
    return shared(together.where(Comment.position <= bindparam("replies")))


def _picks(session: Session, story_id: int, levels: int) -> list[ThreadComment]:
    """The picks of a story, roots with their first replies."""
    picked = select(Comment.id).where(Comment.story_id == story_id, Comment.picked).cte("picked")
    others = select(Comment.id).join(picked, Comment.root_id == picked.c.id).where(~Comment.picked)
    shown = select(picked.c.id).union_all(others.where(Comment.position <= FIRST_REPLIES)).subquery("shown")
    found = thread_comments.read(session, thread_comments.query().join(shown, Comment.id == shown.c.id))
    found.sort(key=attrgetter("root_id", "position"))
    top = nest(found, levels)
    for comment in top:
        comment.more = _more(comment)
    top.sort(key=attrgetter("id"), reverse=True)
    return thread_comments.name_answered(session, top)


def most_respected(session: Session, story_id: int) -> ThreadComment | None:
    """The published root of a story that most readers respect, if any reader does. One statement."""
    best = thread_comments.query().where(Comment.story_id == story_id, Comment.depth == 0, Comment.state == PUBLISHED)
    found = thread_comments.read(session, best.order_by(*_SORTS["respected"].order()).limit(1))
    return found[0] if found and found[0].respect_count else None


def _conversations(comments: list[ThreadComment], levels: int) -> Iterable[ThreadComment]:
    comments.sort(key=attrgetter("root_id", "position"))
    for _root_id, conversation in groupby(comments, key=attrgetter("root_id")):
        (root,) = nest(conversation, levels)
        root.more = _more(root)
        yield root


def _more(root: ThreadComment) -> int | None:
    return FIRST_REPLIES if root.last_shown > FIRST_REPLIES else None
