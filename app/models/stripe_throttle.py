from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class StripeThrottle(Model):
    """When the next call to Stripe may begin, for all our processes together."""

    __tablename__ = "stripe_pace"

    # one row per limit that Stripe has
    name: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]
