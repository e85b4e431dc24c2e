from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

OPEN, CLOSED = "open", "closed"
_OPEN, _CLOSED = text("state = 'open'"), text("state = 'closed'")


class Item(Model):
    """One question to the moderators. Reports, holds and severe scores about one subject meet in one open item."""

    __tablename__ = "items"
    __table_args__ = (
        one_of("state", (OPEN, CLOSED)),
        Index(
            "uq_items_open",
            "kind",
            "subject_type",
            "subject_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_items_queue", "site_id", "state", "priority", "id"),
        Index("ix_items_kind", "site_id", "state", "kind", "priority", "id"),
        Index("ix_items_subject", "subject_type", "subject_id"),
        # the last answers, by which readers are told how long they take
        Index("ix_items_answered", "site_id", "kind", "closed_at", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
    )

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    # one of app.kinds
    kind: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    # who is affected by a decision: the author, the bearer of the name, the one who appeals
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    state: Mapped[str] = mapped_column(default=OPEN)
    # codes of why it is here: report, hold, severe, unscored, premoderated, ...
    reasons: Mapped[list[str]]
    # the worst first
    priority: Mapped[float] = mapped_column(Float, default=0.0)
    report_count: Mapped[int] = mapped_column(default=0)
    # grows with everything that a moderator should have seen before deciding; a decision names the one it saw
    revision: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
