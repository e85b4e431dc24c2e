"""What moderators are asked about the end of a subscription. These items stand among those about payments."""

from dataclasses import replace

from app.language import mark
from app.models import Termination
from app.payers import queue_kind
from app.review_queue.kinds import Question, SubjectType
from app.terminations import approval, proposals
from app.terminations.approval import FAILURE, SUBJECT

PROPOSED = SubjectType(
    SUBJECT,
    Termination,
    questions=(Question(SUBJECT, ("approve", "refuse"), title=mark("End of a subscription proposed")),),
    parties=approval.parties,
    details=lambda session, _viewer_id, termination: proposals.one(session, termination.id),
)
FAILED = SubjectType(
    FAILURE,
    Termination,
    questions=(Question(FAILURE, ("dismiss",), title=mark("End of a subscription failed")),),
    details=lambda session, _viewer_id, termination: proposals.one(session, termination.id),
)
KIND = replace(queue_kind.KIND, subjects=(*queue_kind.KIND.subjects, PROPOSED, FAILED))
