from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class StripeCursor(Model):
    """How far a walk through one of Stripe's lists has come, so that it goes on there after an interruption."""

    __tablename__ = "stripe_cursors"

    # events, reconcile, adopt.customers, ...
    name: Mapped[str] = mapped_column(primary_key=True)
    # id of the last object that was taken
    value: Mapped[str | None]
    # what the walk has counted so far
    counted: Mapped[int] = mapped_column(default=0)
    # when a walk that is taken up again and again began
    began_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
