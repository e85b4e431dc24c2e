"""What moderators are asked about an account: whether its name is all right, whether a sanction still stands."""

from app.language import mark
from app.models import Account
from app.review_queue.kinds import ACCOUNT, Kind, Question, SubjectType

KIND = Kind(
    name=ACCOUNT,
    title=mark("Name"),
    plural=mark("Names"),
    hours=48,
    subjects=(
        SubjectType(
            ACCOUNT,
            Account,
            questions=(Question(ACCOUNT, ("reset_name", "dismiss", "lift"), least="reset_name"),),
        ),
    ),
)
