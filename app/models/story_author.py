from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class StoryAuthor(Model):
    """By whom an article is, as the newspaper says. They may have no account yet."""

    __tablename__ = "story_authors"
    __table_args__ = (Index("ix_story_authors_mailbox", "mailbox"),)

    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), primary_key=True)
    # as accounts.email_token has it
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    # by which they began to follow the story; later it is theirs to say
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
