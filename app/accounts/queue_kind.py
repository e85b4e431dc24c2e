"""What moderators are asked about an account: whether its name is all right, whether a sanction still stands, whether
a ban of the old system holds here.
"""

from app.accounts.old_bans import OLD_BAN
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
OLD_BANS = Kind(
    name=OLD_BAN,
    title=mark("Old ban"),
    plural=mark("Old bans"),
    hours=720,
    subjects=(
        SubjectType(
            OLD_BAN,
            Account,
            questions=(
                Question(
                    OLD_BAN,
                    ("keep_ban", "dismiss"),
                    least="keep_ban",
                    buttons={"dismiss": mark("It does not hold here")},
                ),
            ),
        ),
    ),
    usual_reason=mark("The right to comment had been withdrawn in the system that this newspaper used before."),
)
