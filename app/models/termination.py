from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

AT_PERIOD_END, NOW_WITH_REFUND = "at_period_end", "now_with_refund"
PROPOSED, APPROVED, REFUSED, DONE, FAILED = "proposed", "approved", "refused", "done", "failed"
_LIVING = text("state IN ('proposed', 'approved')")


class Termination(Model):
    """The end of a banned reader's subscription, as one moderator proposed it and another approved it.

    It is written before Stripe is called; its id makes the keys under which Stripe does each step only once.
    """

    __tablename__ = "terminations"
    __table_args__ = (
        one_of("method", (AT_PERIOD_END, NOW_WITH_REFUND)),
        one_of("state", (PROPOSED, APPROVED, REFUSED, DONE, FAILED)),
        Index("uq_terminations_living", "subscription_id", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    subscription_id: Mapped[str]
    method: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    # for the staff
    reason: Mapped[str]
    # the unused part that goes back, in minor units, fixed when Stripe is first called
    amount: Mapped[int | None]
    currency: Mapped[str | None]
    refund_id: Mapped[str | None]
    created_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
