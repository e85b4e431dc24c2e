"""What a queue item can be about and what it asks."""

from app.models import Item, PaymentCase

COMMENT, ACCOUNT, NOTICE, APPEAL = "comment", "account", "notice", "appeal"
PAYMENT_CASE, TERMINATION = "payment_case", "termination"


def question(item: Item, case: PaymentCase | None) -> str:
    """What `item` asks; `case` is the finding that it is about, if it is about one."""
    if item.kind != "payment":
        return item.kind
    return case.kind if case and item.subject_type == PAYMENT_CASE else item.subject_type
