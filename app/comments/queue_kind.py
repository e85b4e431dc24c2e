"""What moderators are asked about a comment: whether it may stand."""

from app.language import mark
from app.models import Comment
from app.moderation.actions import REMOVALS
from app.review_queue.kinds import COMMENT, Kind, Question, SubjectType

KIND = Kind(
    name=COMMENT,
    title=mark("Comment"),
    plural=mark("Comments"),
    hours=24,
    subjects=(
        SubjectType(
            COMMENT,
            Comment,
            questions=(Question(COMMENT, ("approve", *REMOVALS), least="remove"),),
            comment=lambda comment: comment.id,
            text=lambda comment: comment.text,
        ),
    ),
)
