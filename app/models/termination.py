from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Document, Model, one_of, primary_key

AT_PERIOD_END, NOW_WITH_REFUND = "at_period_end", "now_with_refund"
# what moderators propose about a banned reader's
METHODS = (AT_PERIOD_END, NOW_WITH_REFUND)
# of two that sell one reader the same, the later one ends
PAID_TWICE = "paid_twice"
PROPOSED, APPROVED, REFUSED, WITHDRAWN = "proposed", "approved", "refused", "withdrawn"
DONE, FAILED = "done", "failed"
_LIVING = text("state IN ('proposed', 'approved')")


class Termination(Model):
    """The end of a banned reader's subscription, as one moderator proposed it and another approved it; or of one that
    was paid twice, as its reader or a moderator wants it.

    It is written before Stripe is called; its id makes the keys under which Stripe does each step only once.
    """

    __tablename__ = "terminations"
    __table_args__ = (
        one_of("method", (*METHODS, PAID_TWICE)),
        one_of("state", (PROPOSED, APPROVED, REFUSED, WITHDRAWN, DONE, FAILED)),
        Index("uq_terminations_living", "subscription_id", unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING),
    )

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    # whose moderators decide: those of the newspaper that banned
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    subscription_id: Mapped[str]
    method: Mapped[str]
    state: Mapped[str]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    judged_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    # for the staff
    reason: Mapped[str]
    created_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    # from here on it is carried through, and what is unused is counted
    begun_at: Mapped[datetime | None]
    # the unused part that goes back, in minor units, and its parts: {charge, amount, refund (Stripe's id, once made)}
    amount: Mapped[int | None]
    currency: Mapped[str | None]
    refunds: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    # Stripe has ended it, or will with the period
    cancelled_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    # Stripe's code for why it would not
    failure: Mapped[str | None]

    @property
    def owed(self) -> int:
        """What is to go back and has not yet, in minor units."""
        return sum(part["amount"] for part in self.refunds if part["refund"] is None)
