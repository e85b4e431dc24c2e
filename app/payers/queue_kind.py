"""What moderators are asked about who pays: every kind of finding (models.payment_case) asks a question of its own."""

from app.language import mark
from app.models import PaymentCase
from app.models.payment_case import (
    CONTESTED_LINK,
    FRAUD_WARNING,
    LOST_DISPUTE,
    NAME_MISMATCH,
    PAID_TWICE,
    POSSIBLE_RETURN,
)
from app.payers import payment_cases
from app.payers.payment_cases import ITEM_KIND, SUBJECT
from app.review_queue.kinds import Kind, Question, SubjectType

FOUND = SubjectType(
    SUBJECT,
    PaymentCase,
    questions=(
        Question(
            POSSIBLE_RETURN,
            ("confirm", "allow"),
            least="confirm",
            # the rule that a banned reader breaks who comes back
            rule="honesty",
            title=mark("Possible return of a banned reader"),
            buttons={"allow": mark("Allow: it is somebody else")},
            detected=True,
        ),
        Question(
            CONTESTED_LINK,
            ("allow", "dismiss"),
            title=mark("Two readers claim one subscription"),
            buttons={"allow": mark("Move it to the claimant"), "dismiss": mark("Leave it where it is")},
        ),
        Question(
            LOST_DISPUTE,
            ("dismiss",),
            title=mark("A dispute was lost"),
            buttons={"dismiss": mark("Let it rest")},
        ),
        Question(
            FRAUD_WARNING,
            ("dismiss",),
            title=mark("A bank warned of fraud"),
            buttons={"dismiss": mark("Let it rest")},
        ),
        Question(
            NAME_MISMATCH,
            ("allow", "dismiss"),
            title=mark("Name differs from the payer's"),
            buttons={"allow": mark("Make an exception"), "dismiss": mark("Make none")},
        ),
        Question(
            PAID_TWICE,
            ("allow", "dismiss"),
            title=mark("A reader pays twice for the same"),
            buttons={
                "allow": mark("End the later one and refund it"),
                "dismiss": mark("Leave both"),
            },
        ),
    ),
    asks=lambda case: case.kind,
    parties=payment_cases.parties,
    concerns_parties=True,
)
KIND = Kind(
    name=ITEM_KIND,
    title=mark("Payment"),
    plural=mark("Payments"),
    hours=72,
    subjects=(FOUND,),
    usual_reason=mark(
        "Whoever pays for this account pays for one whose right to comment has been withdrawn or suspended."
    ),
)
