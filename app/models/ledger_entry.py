from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class LedgerEntry(Model):
    """Who did what to what, and when. Ids, codes and keyed digests only, so that erasure never breaks it."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_subject", "subject_type", "subject_id", "id"),)

    id: Mapped[int] = primary_key()
    at: Mapped[datetime]
    # null: the machine
    actor_id: Mapped[int | None] = mapped_column(index=True)
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    site_id: Mapped[int | None]
    details: Mapped[dict[str, Any]]
