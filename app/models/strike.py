from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Strike(Model):
    """Points for one breach that a person upheld. They expire; undoing the decision revokes them.

    Its author was told at `created_at`, with the decision. What they did before they were told of an earlier one counts
    as one with that (moderation.ladder), so `written_at` says when they did it.
    """

    __tablename__ = "strikes"

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), unique=True)
    rule: Mapped[str]
    points: Mapped[int]
    written_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
