"""An author takes a comment back. Everyone may, banned and lapsed included."""

from sqlalchemy.orm import Session

from app.accounts import standing
from app.comments.editing import lock_own
from app.errors import Conflict
from app.language import mark
from app.models import Comment
from app.models.comment import DELETED, REMOVED, WITHHELD
from app.review_queue import items
from app.review_queue.kinds import COMMENT
from app.stories import publication

TAKEN_DOWN = mark("This comment was taken down already. The reasons and the appeal are in your account.")


def delete_own(session: Session, account_id: int, comment_id: int) -> Comment:
    """Take the account's own comment back and return it; a second time changes nothing.

    Replies keep their place under a tombstone, and an open question to the moderators stays open: what was reported is
    kept for them. Raises NotFound, Forbidden (not one's own), Conflict (taken down, which the author may appeal).
    """
    standing.lock(session, account_id)
    comment = lock_own(session, account_id, comment_id)
    if comment.state in (REMOVED, WITHHELD):
        raise Conflict("taken_down", TAKEN_DOWN)
    if comment.state != DELETED:
        items.revise(session, COMMENT, COMMENT, comment.id)
        publication.set_state(session, comment, DELETED)
    return comment
