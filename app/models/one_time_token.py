from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

VERIFY, RESET, LINK = "verify", "reset", "claim"


class OneTimeToken(Model):
    """A secret that was sent by letter and can be used once. Only its digest is kept."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (one_of("purpose", (VERIFY, RESET, LINK)),)

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    purpose: Mapped[str]
    # of a link: the customer that the letter was sent for
    customer_id: Mapped[str | None]
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
