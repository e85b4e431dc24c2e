from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Charge(Model):
    """A payment that was taken, and whether it was given back or is disputed."""

    __tablename__ = "charges"

    # Stripe's id (ch_... or py_...)
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(index=True)
    # null: it paid for something else
    subscription_id: Mapped[str | None] = mapped_column(index=True)
    invoice_id: Mapped[str | None]
    # in minor units
    amount_refunded: Mapped[int]
    # Stripe's word for the dispute, known or not; null: there is none
    dispute_status: Mapped[str | None]
    # its bank warned of fraud, and there is something to be done about it
    fraud_warning: Mapped[bool]
    fetched_at: Mapped[datetime]
