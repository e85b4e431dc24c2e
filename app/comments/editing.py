"""An author edits a comment: the same gate, scoring and verdict as for a post, and the earlier text is kept."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import clock
from app.comments import gate, nudge, rate_limits
from app.comments.posting import Draft, Posted, open_story
from app.db import find_locked
from app.errors import Conflict, Forbidden, NotFound
from app.language import mark
from app.models import Comment
from app.models.comment import HELD, PUBLISHED
from app.review_queue import items
from app.review_queue.kinds import COMMENT
from app.screening import screen
from app.signals.family import WrittenText
from app.stories import publication, stories
from app.stories.sites import SiteSnapshot
from app.text import cleaning
from config.policy import HouseRules
from config.rules import SiteRules

NOT_YOURS = mark("This is not your comment.")
NOT_EDITABLE = mark("This comment cannot be edited any more.")
WINDOW_OVER = mark("Comments can be edited for %(minutes)s minutes after they were written.")


def ask(session: Session, account_id: int, site: SiteSnapshot, comment_id: int, house: HouseRules) -> None:
    """The cheap questions of `edit`, asked without a lock before the text is scored. Four statements.

    Raises what the gate raises, NotFound, Forbidden (not one's own), Conflict (taken down, window over), TooMany.
    """
    rules = gate.ask(session, account_id, "edit", site, house)
    comment = check_own(session.get(Comment, comment_id), account_id)
    check_editable(comment, rules)
    rate_limits.check_edits(session, comment, rules.limits)


def edit(
    session: Session, account_id: int, site: SiteSnapshot, comment_id: int, draft: Draft, house: HouseRules
) -> Posted:
    """Replace the text of the account's own comment, of `site`, by `draft`.

    A held comment stays held, whatever the new text: a moderator was asked and answers. Raises what the gate raises,
    NotFound, Forbidden (not one's own, story closed), Conflict (taken down, window over, repeated, nudge), TooMany.
    """
    rules = gate.pass_gate(session, account_id, "edit", site, house).rules
    comment = lock_own(session, account_id, comment_id)
    story = open_story(stories.by_id(session, comment.story_id), house)
    check_editable(comment, rules)
    screening = screen.judge(WrittenText(draft.text, draft.scoring, story), rules)
    if draft.text == comment.text:
        return Posted(comment, screening)
    digest = cleaning.digest(draft.text)
    others = [other for other in rate_limits.recent(session, account_id, rules.limits) if other.id != comment.id]
    rate_limits.check_edits(session, comment, rules.limits)
    rate_limits.check_repeat(others, digest, rules.limits)
    nudge.ask(screening, digest, draft.answer)
    state = HELD if comment.state == HELD and screening.state == PUBLISHED else screening.state
    stays_published = comment.state == state == PUBLISHED
    comment.text, comment.text_digest = draft.text, digest
    comment.revision += 1
    comment.edited_at = clock.now()
    items.revise(session, COMMENT, COMMENT, comment.id)
    screen.carry_out(session, house, rules, comment, screening, state)
    if stays_published:
        publication.set_text(session, comment)
    return Posted(comment, screening)


def lock_own(session: Session, account_id: int, comment_id: int) -> Comment:
    """The account's own comment, locked; raises what `check_own` does. The account must be locked before."""
    return check_own(find_locked(session, Comment, Comment.id == comment_id), account_id)


def check_own(comment: Comment | None, account_id: int) -> Comment:
    """`comment`, if the account wrote it. Raises Forbidden for another's, NotFound for what nobody sees."""
    if comment is None or (comment.account_id != account_id and comment.state != PUBLISHED):
        raise NotFound
    if comment.account_id != account_id:
        raise Forbidden("not_your_comment", NOT_YOURS)
    return comment


def check_editable(comment: Comment, rules: SiteRules) -> None:
    """Raise Conflict if `comment` was taken down or taken back, or is too old."""
    if comment.state not in (PUBLISHED, HELD):
        raise Conflict("not_editable", NOT_EDITABLE)
    if clock.now() > editable_until(comment.created_at, rules):
        raise Conflict("edit_window_over", WINDOW_OVER, minutes=rules.limits.edit_minutes)


def editable_until(created_at: datetime, rules: SiteRules) -> datetime:
    """Until when a comment of that moment can be edited."""
    return created_at + timedelta(minutes=rules.limits.edit_minutes)
