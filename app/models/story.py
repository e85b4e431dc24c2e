from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

OPEN, CLOSED, PREMODERATED = "open", "closed", "premoderated"


class Story(Model):
    """An article that is commented on, known to the paper by its own key and address."""

    __tablename__ = "stories"
    __table_args__ = (UniqueConstraint("site_id", "key"), one_of("state", (OPEN, CLOSED, PREMODERATED)))

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    key: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default=OPEN)
    # grows with every change that readers can see: the ETag of its pages
    revision: Mapped[int] = mapped_column(default=0)
    # published comments; changed only by stories.publication
    comment_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
