from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class Subscription(Model):
    """What Stripe said of a subscription when we last asked: facts only; what follows from them is computed."""

    __tablename__ = "subscriptions"

    # Stripe's id (sub_...)
    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    # null: an orphan, kept until its customer is linked to an account
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    # Stripe's word, known or not
    status: Mapped[str]
    # product and price ids of its items
    products: Mapped[list[str]]
    started_at: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    trial_end: Mapped[datetime | None]
    # behaviour of pause_collection, if collection is paused
    paused: Mapped[str | None]
    # lookup keys of features that its products carry, each with these products; filled where a site sells by feature
    features: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # by price, its product and when its period ends, in seconds since 1970, where it has several
    periods: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # the prices whose present period is not paid, where not all have the same, with since when their payment has
    # failed, in seconds since 1970; null: nobody will pay it any more
    unpaid: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # whatever it is for: one that we have not heard of shows in it
    latest_invoice: Mapped[str | None]
    # since when the present period's payment has failed or its bill has been due
    first_failure_at: Mapped[datetime | None]
    # the latest of its invoices that brought money: what was refunded of it decides, not what was of older ones
    paid_invoice: Mapped[str | None]
    # in minor units
    paid_amount: Mapped[int | None]
    # by price, the same of each item, where not all have the same period: `invoice` and `amount`
    payments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # that of the present period, while it is neither paid nor closed: no list tells what becomes of it
    open_invoice: Mapped[str | None]
    # the present period's invoice was voided or given up as uncollectible: it runs, and nobody has paid for it
    written_off: Mapped[bool] = mapped_column(default=False)
    # its first payment is on its way and may yet fail
    awaited: Mapped[bool] = mapped_column(default=False)
    # the latest of its invoices that its reader was asked by letter to see to
    reminded_invoice: Mapped[str | None]
    # the object is gone at Stripe
    deleted: Mapped[bool] = mapped_column(default=False)
    fetched_at: Mapped[datetime]
