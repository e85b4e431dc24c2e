"""The only writer of a comment's state, of what editors do with it, of a story's counters and of its revision.

Call it last in a transaction: the story's row is the one that everybody wants, so it is locked last and shortest.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.orm import Session

from app.jobs import queue
from app.models import Comment, Model, Story
from app.models.comment import HELD, PUBLISHED, WITHHELD
from app.models.webhook import COMMENT_PUBLISHED
from app.webhooks import events

# the job that tells readers of a comment that they can see now, or that says something else (notifications.recipients)
TELL = "comments.published"


def set_state(session: Session, comment: Comment, state: str, *beside: Model) -> None:
    """Give `comment` (new or locked by the caller) its state, and do all that follows from it.

    `beside` are new rows that refer to it: written after the comment and before the story is locked. The counts of its
    parent and its story, and the story's revision, change only with what readers can see.
    """
    before: str | None = comment.state
    change = (state == PUBLISHED) - (before == PUBLISHED)
    lost = _lost(comment) if change < 0 else {}
    comment.state = state
    session.add(comment)
    session.flush()
    session.add_all(beside)
    session.flush()
    events.record_state(session, comment, before)
    if not change:
        if state != before and (comment.reply_count or comment.conversation_count):
            touch(session, comment.story_id)  # its tombstone says something else now
        return
    if comment.parent_id is not None:
        _count_reply(session, comment, change)
    if state == PUBLISHED and comment.origin != "import":
        waited = before in (HELD, WITHHELD)
        queue.enqueue(session, TELL, {"comment_id": str(comment.id), "waited": waited, "edited": False})
    counts = {"comment_count": Story.comment_count + change}
    is_news = state == PUBLISHED and comment.published_number is None and comment.origin != "import"
    if is_news:
        counts["published_count"] = Story.published_count + 1
    published = _change(session, comment.story_id, **counts, **lost)
    if is_news:
        # nobody else counts on, as the story is locked; what is put back later was news already
        comment.published_number = published
        session.flush()


def set_text(session: Session, comment: Comment) -> None:
    """`comment` (published and locked by the caller) has another text: what it was given was for the other. It may name
    others.
    """
    lost = _lost(comment)
    session.flush()
    queue.enqueue(session, TELL, {"comment_id": str(comment.id), "waited": False, "edited": True})
    events.record(session, comment.site_id, COMMENT_PUBLISHED, comment.id)
    _change(session, comment.story_id, **lost)


def pick(session: Session, comment: Comment, most: int) -> bool:
    """Make `comment` (published and locked by the caller) an editor's pick; False if its story has `most` already."""
    comment.picked = True
    session.flush()
    counts = {"pick_count": Story.pick_count + 1}
    return _change(session, comment.story_id, Story.pick_count < most, **counts) is not None


def unpick(session: Session, comment: Comment) -> None:
    """Make `comment` (picked and locked by the caller) no pick any more."""
    comment.picked = False
    session.flush()
    _change(session, comment.story_id, pick_count=Story.pick_count - 1)


def pin(session: Session, comment: Comment) -> bool:
    """Let `comment` (a published root, locked by the caller) stand first in its story; False if it does already."""
    other = Story.pinned_id.is_distinct_from(comment.id)
    return _change(session, comment.story_id, other, pinned_id=comment.id) is not None


def unpin(session: Session, comment: Comment) -> bool:
    """Let `comment` stand first no more; False if it does not."""
    return _change(session, comment.story_id, Story.pinned_id == comment.id, pinned_id=None) is not None


def set_common_ground(session: Session, story_id: int, scores: Mapping[int, int]) -> None:
    """Give comments of a story these scores. What is being decided on at this moment keeps its own: nobody waits for
    another's sake, and the next scores come soon.
    """
    free = select(Comment).where(Comment.id.in_(scores), Comment.state == PUBLISHED).order_by(Comment.id)
    change = 0
    comments = session.scalars(free.with_for_update(key_share=True, skip_locked=True)).all()
    for comment in comments:
        change += (comment.depth == 0) * ((scores[comment.id] > 0) - (comment.common_ground > 0))
        comment.common_ground = scores[comment.id]
    session.flush()
    if comments:
        _change(session, story_id, common_ground_count=Story.common_ground_count + change)


def touch(session: Session, story_id: int) -> None:
    """Something that readers see has changed, but for a count: a reaction, a name."""
    _change(session, story_id)


def _lost(comment: Comment) -> dict[str, Any]:
    """Takes from `comment` what it was given for what it said; what of its story changes with that."""
    picked, comment.picked = comment.picked, False
    score, comment.common_ground = comment.common_ground, 0
    return {
        "pick_count": Story.pick_count - int(picked),
        "pinned_id": func.nullif(Story.pinned_id, comment.id),
        "common_ground_count": Story.common_ground_count - int(score > 0 and comment.depth == 0),
    }


def _count_reply(session: Session, reply: Comment, change: int) -> None:
    """For its parent, and for the root of its conversation, which may be the same."""
    session.execute(
        update(Comment)
        .where(Comment.id.in_({reply.parent_id, reply.root_id}))
        .values(
            reply_count=Comment.reply_count + case((Comment.id == reply.parent_id, change), else_=0),
            conversation_count=Comment.conversation_count + case((Comment.id == reply.root_id, change), else_=0),
        )
        .execution_options(synchronize_session=False)
    )


def _change(session: Session, story_id: int, *where: ColumnElement[bool], **values: Any) -> int | None:
    """Give the story these values and its next revision, if it is so; None if not, else its published_count."""
    changed = (
        update(Story)
        .where(Story.id == story_id, *where)
        .values(revision=Story.revision + 1, **values)
        .returning(Story.published_count)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(changed)
