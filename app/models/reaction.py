from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of

# that one disagrees is quiet: nobody is shown it, and it is counted nowhere
RESPECT, DISAGREEMENT = KINDS = ("respect", "disagreement")


class Reaction(Model):
    """One reader's reaction to one comment."""

    __tablename__ = "reactions"
    __table_args__ = (
        one_of("kind", KINDS),
        # a reader's own on a story; a reader's rate
        Index("ix_reactions_account_story", "account_id", "story_id"),
        Index("ix_reactions_account_created", "account_id", "created_at"),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True, default=RESPECT)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"))
    created_at: Mapped[datetime]
