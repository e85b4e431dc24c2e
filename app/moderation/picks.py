"""Editors' picks, and the comment that stands first: what moderators put forward, as long as it stays as it was."""

from datetime import tzinfo

from sqlalchemy.orm import Session

from app import ledger
from app.accounts import permissions, selves
from app.accounts.identity import Identity
from app.errors import Conflict, NotFound
from app.language import mark
from app.models import Comment
from app.models.comment import PUBLISHED
from app.moderation.locked_subjects import locked
from app.notifications import recipients
from app.review_queue.kinds import COMMENT
from app.stories import publication

MOST_PICKS = 10
OWN = mark("What you wrote yourself, somebody else has to put forward.")
FULL = mark("A story has at most %(most)s picks. Please take one back first.")
REPLY = mark("A reply has its place below what it answers. It cannot stand first.")


def pick(session: Session, actor: Identity, comment_id: int, zone: tzinfo) -> Comment:
    """Make a comment an editor's pick, and tell its author. Again changes nothing. `zone`: the newspaper's.

    Raises NotFound (not published, no role at its site), Conflict (own_comment, too_many_picks).
    """
    comment = _put_forward(session, actor, comment_id)
    if not comment.picked:
        recipients.tell_of_pick(session, comment, zone)
        if not publication.pick(session, comment, MOST_PICKS):
            raise Conflict("too_many_picks", FULL, most=MOST_PICKS)
        _record(session, actor, comment, "comment.pick")
    return comment


def unpick(session: Session, actor: Identity, comment_id: int) -> Comment:
    """Take a pick back; what is none stays so. Raises NotFound."""
    comment = _found(session, actor, comment_id)
    if comment.picked:
        publication.unpick(session, comment)
        _record(session, actor, comment, "comment.unpick")
    return comment


def pin(session: Session, actor: Identity, comment_id: int) -> Comment:
    """Let a comment stand first in its story, in the place of the one that did. Again changes nothing.

    Raises NotFound (not published, no role at its site), Conflict (own_comment, reply).
    """
    comment = _put_forward(session, actor, comment_id)
    if comment.parent_id is not None:
        raise Conflict("reply", REPLY)
    if publication.pin(session, comment):
        _record(session, actor, comment, "comment.pin")
    return comment


def unpin(session: Session, actor: Identity, comment_id: int) -> Comment:
    """Let a comment stand first no more; one that does not stays where it is. Raises NotFound."""
    comment = _found(session, actor, comment_id)
    if publication.unpin(session, comment):
        _record(session, actor, comment, "comment.unpin")
    return comment


def _put_forward(session: Session, actor: Identity, comment_id: int) -> Comment:
    """The comment, locked, if it is for `actor` to put forward."""
    comment = _found(session, actor, comment_id)
    if comment.state != PUBLISHED:
        raise NotFound
    if comment.account_id in selves.own(session, actor.account_id):
        raise Conflict("own_comment", OWN)
    return comment


def _found(session: Session, actor: Identity, comment_id: int) -> Comment:
    comment = locked(session, Comment, comment_id)
    permissions.require(actor, "pick", comment.site_id)
    return comment


def _record(session: Session, actor: Identity, comment: Comment, action: str) -> None:
    ledger.append(session, ledger.Entry(actor.actor_id, action, COMMENT, comment.id, comment.site_id))
