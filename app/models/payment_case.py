from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

POSSIBLE_RETURN, CONTESTED_LINK = "possible_return", "claimed_twice"
LOST_DISPUTE, FRAUD_WARNING, NAME_MISMATCH = "lost_dispute", "fraud_warning", "name_mismatch"
PAID_TWICE = "paid_twice"
KINDS = (POSSIBLE_RETURN, CONTESTED_LINK, LOST_DISPUTE, FRAUD_WARNING, NAME_MISMATCH, PAID_TWICE)
OPEN, CONFIRMED, ALLOWED, DISMISSED = "open", "confirmed", "allowed", "dismissed"


class PaymentCase(Model):
    """Something about who pays that a person has to judge; found once, judged once, for good. But a return that was
    confirmed waits anew when the other reader comes under another sanction."""

    __tablename__ = "payment_cases"
    __table_args__ = (
        one_of("kind", KINDS),
        one_of("outcome", (OPEN, CONFIRMED, ALLOWED, DISMISSED)),
        Index("uq_payment_cases_finding", "account_id", "kind", "reference", unique=True),
    )

    id: Mapped[int] = primary_key()
    kind: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    # a possible return: of whom, by the ban or suspension that was in force when it was asked about last
    sanction_id: Mapped[int | None] = mapped_column(ForeignKey("sanctions.id"), index=True)
    # what tells this finding from others of its kind: the id of the sanction, customer, charge, subscription or name
    # given up before
    reference: Mapped[str]
    # a possible return: kind of the identity that matched
    matched: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(default=OPEN)
    created_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
