from datetime import datetime

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Customer(Model):
    """A customer at Stripe. It belongs to at most one account, which is proven and never guessed by e-mail."""

    __tablename__ = "customers"

    # Stripe's id (cus_...)
    id: Mapped[str] = mapped_column(primary_key=True)
    # null: an orphan, which has paid and waits until its reader links it
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    # keyed digest of the canonical address at Stripe, by which it is found for who would link it; never enough to do so
    email_token: Mapped[str | None] = mapped_column(index=True)
    # lookup keys of its active entitlements at Stripe
    features: Mapped[list[str]] = mapped_column(default=list)
    deleted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


def newest_of(account_id: int, most: int) -> Select[str]:
    """Ids of the account's customers that Stripe has not deleted, the newest first."""
    present = select(Customer.id).where(Customer.account_id == account_id, Customer.deleted.is_(False))
    return present.order_by(Customer.created_at.desc(), Customer.id).limit(most)
