from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of

FOLLOWED, MUTED = STATES = ("followed", "muted")
_DUE = text("due_at IS NOT NULL")


class Follow(Model):
    """A story of which a reader wants to be told all that is written there ("followed"), or nothing ("muted").

    What is new is counted when somebody asks, so that a comment costs the same however many follow.
    """

    __tablename__ = "follows"
    __table_args__ = (
        one_of("state", STATES),
        Index("ix_follows_story", "story_id", "state"),
        Index("ix_follows_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    state: Mapped[str]
    # Story.published_count when they last looked, and when they were last written to
    seen_count: Mapped[int] = mapped_column(default=0)
    told_count: Mapped[int] = mapped_column(default=0)
    # when a letter is to be written; none if nothing is new
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
