"""What one reader has written, for themselves: every comment with its state, why it is in it, and where it stands."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app import cursors
from app.models import Assessment, Comment, Decision, Story
from app.models.comment import REMOVED, WITHHELD
from app.threads.assessments import last

SLICE = 30


@dataclass(frozen=True)
class WrittenComment:
    """A comment of the reader's. `reasons` are the codes of what holds it, if it waits, and `outcome` is the verdict
    that they led to; `statement_id` is of the statement of reasons, and `rule` of the rule, by which it was removed.
    """

    comment: Comment
    story: Story
    reasons: list[str]
    outcome: str | None
    rule: str | None
    statement_id: int | None


def by(session: Session, account_id: int, before: str | None = None) -> tuple[list[WrittenComment], str | None]:
    """SLICE comments of an account, the newest first, and the cursor of those before them. One statement.

    Raises Malformed for a cursor that is none.
    """
    found = (
        select(Comment, Story, last(Assessment.reasons), last(Assessment.outcome), Decision.rule, Decision.statement_id)
        .join(Story, Story.id == Comment.story_id)
        .outerjoin(Decision, and_(Comment.state.in_((REMOVED, WITHHELD)), Decision.id == _last_decision()))
        .where(Comment.account_id == account_id)
        .order_by(Comment.id.desc())
        .limit(SLICE + 1)
    )
    if before is not None:
        found = found.where(Comment.id < cursors.decode(before)[0])
    rows = [WrittenComment(row[0], row[1], row[2] or [], *row[3:]) for row in session.execute(found)]
    return cursors.cut(rows, SLICE, lambda row: (row.comment.id,))


def _last_decision() -> ColumnElement[int | None]:
    """The last decision on a comment that restricted it by a rule."""
    each = aliased(Decision)
    on_it = each.subject_type == "comment", each.subject_id == Comment.id, each.statement_id.is_not(None)
    return select(func.max(each.id)).where(*on_it).correlate(Comment).scalar_subquery()
