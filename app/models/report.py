from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

WAITING, UPHELD, DISMISSED = "waiting", "upheld", "dismissed"


class Report(Model):
    """A reader says that a comment or a name breaks a rule: once per reader and subject."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("account_id", "subject_type", "subject_id"),
        Index("ix_reports_item", "item_id"),
        one_of("outcome", (WAITING, UPHELD, DISMISSED)),
    )

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    # the revision of the comment that the reporter saw
    revision: Mapped[int]
    rule: Mapped[str]
    note: Mapped[str | None]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    outcome: Mapped[str] = mapped_column(default=WAITING)
    created_at: Mapped[datetime]
