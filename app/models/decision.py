from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key

# whatever else is decided restricts somebody
FREE = ("approve", "dismiss", "allow", "refuse", "uphold", "overturn", "undo", "lift")


class Decision(Model):
    """What a moderator (or the machine: no actor) decided, and why. Rows are added, never changed.

    `before` is what an undo must restore; an undo is a decision that names the one it undoes, once.
    A decision that restricts somebody cannot be written without its statement of reasons.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index("ix_decisions_subject", "subject_type", "subject_id", "id"),
        CheckConstraint(f"statement_id IS NOT NULL OR action IN {FREE}", name="statement"),
    )

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"), index=True)
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    action: Mapped[str]
    rule: Mapped[str | None]
    reason: Mapped[str]
    before: Mapped[dict[str, Any]]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"), unique=True)
    statement_id: Mapped[int | None] = mapped_column(ForeignKey("statements.id"), unique=True)
    created_at: Mapped[datetime]
