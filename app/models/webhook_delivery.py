from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# to be sent, perhaps again; taken by the receiver; given up
WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"


class WebhookDelivery(Model):
    """That a webhook is told of an event: the message itself, and afterwards the log. It never holds what was sent.

    Of one webhook and subject the ids are in the order of the events (webhooks.events).
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        one_of("state", (WAITING, DELIVERED, DEAD)),
        Index("ix_webhook_deliveries_due", "state", "webhook_id", "next_at"),
        Index("ix_webhook_deliveries_subject", "webhook_id", "subject_id", "id"),
    )

    id: Mapped[int] = primary_key()
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    event: Mapped[str]
    # of the comment, the account or the story
    subject_id: Mapped[int]
    state: Mapped[str] = mapped_column(default=WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    # what came of it last: a status, or why none came (outgoing.NotReached)
    answer: Mapped[str | None]
    # since when we try: since it happened, or was asked for again
    asked_at: Mapped[datetime]
    created_at: Mapped[datetime]
