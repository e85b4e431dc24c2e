"""The only writer of a comment's state, of a story's counters and of its revision.

Call it last in a transaction: the story's row is the one that everybody wants, so it is locked last and shortest.
"""

from sqlalchemy import case, update
from sqlalchemy.orm import Session

from app.jobs import queue
from app.models import Comment, Model, Story
from app.models.comment import HELD, PUBLISHED, WITHHELD

# the job that tells readers of a comment which they can see now (notifications.recipients)
TELL = "comments.published"


def set_state(session: Session, comment: Comment, state: str, *beside: Model) -> None:
    """Give `comment` (new or locked by the caller) its state, and do all that follows from it.

    `beside` are new rows that refer to it: written after the comment and before the story is locked. The counts of its
    parent and its story, and the story's revision, change only with what readers can see.
    """
    before: str | None = comment.state
    comment.state = state
    session.add(comment)
    session.flush()
    session.add_all(beside)
    session.flush()
    change = (state == PUBLISHED) - (before == PUBLISHED)
    if not change:
        if state != before and (comment.reply_count or comment.conversation_count):
            touch(session, comment.story_id)  # its tombstone says something else now
        return
    if comment.parent_id is not None:
        _count_reply(session, comment, change)
    if state == PUBLISHED and comment.origin != "import":
        queue.enqueue(session, TELL, {"comment_id": str(comment.id), "waited": before in (HELD, WITHHELD)})
    counts = {Story.comment_count: Story.comment_count + change, Story.revision: Story.revision + 1}
    if state == PUBLISHED:
        counts[Story.published_count] = Story.published_count + 1
    session.execute(
        update(Story).where(Story.id == comment.story_id).values(counts).execution_options(synchronize_session=False)
    )


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


def touch(session: Session, story_id: int) -> None:
    """Something that readers see has changed, but for a count: an edit, a reaction, a name."""
    session.execute(
        update(Story)
        .where(Story.id == story_id)
        .values(revision=Story.revision + 1)
        .execution_options(synchronize_session=False)
    )
