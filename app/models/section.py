from datetime import time

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of
from app.models.story import OPEN, STATES


class Section(Model):
    """A section or a tag of a newspaper, and on what terms its stories take comments unless their own say otherwise."""

    __tablename__ = "sections"
    __table_args__ = (one_of("state", STATES),)

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=OPEN)
    opens: Mapped[time | None]
    closes: Mapped[time | None]
    # from when a story came to be
    closes_after_days: Mapped[int | None]
    slow_seconds: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    title_only: Mapped[bool] = mapped_column(default=False)
