from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Grant(Model):
    """An editor lets a reader write for a time without a subscription."""

    __tablename__ = "grants"

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    reason: Mapped[str]
    granted_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    until: Mapped[datetime]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
