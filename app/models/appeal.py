from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Appeal(Model):
    """The addressee of a statement asks for it to be looked at again, by somebody else: once per decision."""

    __tablename__ = "appeals"

    id: Mapped[int] = primary_key()
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime]
    # the decision that answered it, and the reasoned reply
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    answered_at: Mapped[datetime | None]
    overturned: Mapped[bool | None]
    reply: Mapped[str | None]
