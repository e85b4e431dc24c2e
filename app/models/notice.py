from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Notice(Model):
    """Anyone tells the paper that a comment is illegal (DSA Art. 16), with the text as it stood.

    All notices of a comment meet in one open item, whose subject is the first of them.
    """

    __tablename__ = "notices"

    id: Mapped[int] = primary_key()
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    revision: Mapped[int]
    snapshot: Mapped[str]
    explanation: Mapped[str]
    name: Mapped[str | None]
    email: Mapped[str | None]
    language: Mapped[str]
    good_faith: Mapped[bool]
    # lets its author, who needs no account, follow it
    receipt: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
