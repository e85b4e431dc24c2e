"""What moderators are asked by those who disagree: appeals against what they decided, and legal notices."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.language import mark
from app.models import Appeal, Decision, Notice, Statement
from app.moderation import history, notices
from app.moderation.actions import REMOVALS
from app.moderation.appeals import APPEAL, UPHOLD
from app.moderation.history import Decided
from app.moderation.notices import NOTICE
from app.moderation.undo import OVERTURN
from app.review_queue.kinds import COMMENT, Kind, Question, SubjectType


@dataclass(frozen=True)
class Appealed:
    """What an appeal is against: the decision, and the statement of reasons that went with it."""

    decided: Decided
    statement: Statement | None


def _appealed(session: Session, viewer_id: int, appeal: Appeal) -> Appealed:
    decided = history.one(session, viewer_id, appeal.decision_id)
    assert decided is not None
    statement_id = decided.decision.statement_id
    return Appealed(decided, session.get(Statement, statement_id) if statement_id else None)


def _decided_on(session: Session, appeal_id: int) -> tuple[str, int]:
    found = select(Decision.subject_type, Decision.subject_id).join(Appeal, Appeal.decision_id == Decision.id)
    subject_type, subject_id = session.execute(found.where(Appeal.id == appeal_id)).one()
    return subject_type, subject_id


def _comment_of_notice(session: Session, notice_id: int) -> tuple[str, int]:
    return COMMENT, session.get_one(Notice, notice_id).comment_id


APPEALS = Kind(
    name=APPEAL,
    title=mark("Appeal"),
    plural=mark("Appeals"),
    hours=168,
    subjects=(
        SubjectType(
            APPEAL,
            Appeal,
            questions=(Question(APPEAL, (UPHOLD, OVERTURN)),),
            text=lambda appeal: appeal.text,
            about=_decided_on,
            details=_appealed,
        ),
    ),
)
NOTICES = Kind(
    name=NOTICE,
    title=mark("Legal notice"),
    plural=mark("Legal notices"),
    hours=24,
    notified=True,
    subjects=(
        SubjectType(
            NOTICE,
            Notice,
            questions=(Question(NOTICE, ("dismiss", *REMOVALS), least="remove"),),
            comment=lambda notice: notice.comment_id,
            text=lambda notice: notice.explanation,
            about=_comment_of_notice,
            details=lambda session, _viewer_id, notice: notices.of_item(session, notice),
        ),
    ),
)
