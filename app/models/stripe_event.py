from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of

EVENT_STATES = ("queued", "ignored_type", "ignored_mode", "ignored_account")


class StripeEvent(Model):
    """One event that Stripe told us, under Stripe's own id. Its payload is a hint and is not kept.

    No program reads what it was about: that is for people, who find out from it what we were told and when.
    """

    __tablename__ = "stripe_events"
    __table_args__ = (one_of("state", EVENT_STATES), one_of("source", ("webhook", "poll")))

    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    object_type: Mapped[str | None]
    object_id: Mapped[str | None]
    livemode: Mapped[bool]
    # a thin event names the snapshot event that tells the same change
    snapshot_event: Mapped[str | None] = mapped_column(index=True)
    # of its body, by which a copy in a log or at Stripe is known to be what came
    sha256: Mapped[str]
    source: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(index=True)
