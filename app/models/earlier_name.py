from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class EarlierName(Model):
    """A display name that an account bore before; moderators see them."""

    __tablename__ = "earlier_names"

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    until: Mapped[datetime]
    # the moderator who took it away; null when its owner changed it
    reset_by: Mapped[int | None]
