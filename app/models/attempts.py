from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Attempts(Model):
    """How often somebody has tried a password in vain, by a digest of whose it would be, somebody's or nobody's."""

    __tablename__ = "attempts"

    whose: Mapped[str] = mapped_column(primary_key=True)
    # since the last that was right, or since a day without any
    failed: Mapped[int]
    # before then no password is looked at, not even the right one
    next_at: Mapped[datetime] = mapped_column(index=True)
