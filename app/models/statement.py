from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Statement(Model):
    """The statement of reasons for one restriction, as its addressee reads it (DSA Art. 17).

    Fields follow the DSA Transparency Database; the id is the puid. The rendered text is kept as it was issued.
    """

    __tablename__ = "statements"

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    # visibility_removed, visibility_disabled, account_suspended, account_terminated, warning, name_reset
    restrictions: Mapped[list[str]]
    rule: Mapped[str]
    category: Mapped[str]
    source_type: Mapped[str]
    automated_detection: Mapped[bool]
    # AUTOMATED_DECISION_FULLY, AUTOMATED_DECISION_PARTIALLY or AUTOMATED_DECISION_NOT_AUTOMATED
    automated_decision: Mapped[str]
    # what the reader reads: rule, facts, what follows, how to appeal
    text: Mapped[str]
    language: Mapped[str]
    content_at: Mapped[datetime | None]
    applies_from: Mapped[datetime]
    applies_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    # until when an appeal is heard
    appeal_until: Mapped[datetime]
