from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class StripeSync(Model):
    """How far we are behind one Stripe object: every hint raises `requested_seq`, and a fetch that began at
    sequence n may write only while `applied_seq` < n, so a slow old answer never overwrites a newer one."""

    __tablename__ = "stripe_sync"
    __table_args__ = (Index("ix_stripe_sync_fetched_at", "fetched_at"),)

    object_type: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
    requested_seq: Mapped[int] = mapped_column(default=0)
    applied_seq: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None]
