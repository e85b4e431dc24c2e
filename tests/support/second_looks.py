"""A kind of queue item that the house does not have, as somebody would add one: this module, a line, a template.

A moderator passes a report on to others. Its subject is the report, its answer a decision on the comment.
"""

from sqlalchemy.orm import Session

from app.language import mark
from app.models import Report
from app.review_queue.kinds import COMMENT, Kind, Question, SubjectType

SECOND_LOOK = "second_look"


def _comment(session: Session, report_id: int) -> tuple[str, int]:
    return COMMENT, session.get_one(Report, report_id).subject_id


KIND = Kind(
    name=SECOND_LOOK,
    title=mark("Second look"),
    plural=mark("Second looks"),
    hours=6,
    subjects=(
        SubjectType(
            SECOND_LOOK,
            Report,
            questions=(
                Question(
                    SECOND_LOOK,
                    ("dismiss", "remove"),
                    least="remove",
                    buttons={"dismiss": mark("Nothing is wrong with it")},
                    detected=True,
                ),
            ),
            comment=lambda report: report.subject_id,
            text=lambda report: report.note,
            about=_comment,
        ),
    ),
)
