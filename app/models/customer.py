from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Customer(Model):
    """The Stripe customer of an account. One customer belongs to one account, never guessed by e-mail."""

    __tablename__ = "customers"

    # Stripe's id (cus_...)
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    deleted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
