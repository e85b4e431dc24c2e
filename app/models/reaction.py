from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of

RESPECT = "respect"


class Reaction(Model):
    """One reader's reaction to one comment."""

    __tablename__ = "reactions"
    __table_args__ = (one_of("kind", (RESPECT,)),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(primary_key=True, default=RESPECT)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"))
    created_at: Mapped[datetime]
