from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key

VERIFY, ALREADY_REGISTERED, BANNED_SIGN_UP, RESET = "verify", "already_registered", "banned_sign_up", "reset"
PASSWORD_CHANGED = "password_changed"  # noqa: S105
STATEMENT, APPEAL_ANSWERED = "statement", "appeal_answered"
LINK, LINK_MOVED_AWAY, LINK_MOVED_HERE = "claim", "claimed_away", "claim_granted"
SUBSCRIPTION_ENDS, SUBSCRIPTION_ENDED = "subscription_ends", "subscription_ended"
SUBSCRIPTION_REFUNDED, SUBSCRIPTION_OWED = "subscription_refunded", "subscription_owed"
PAID_TWICE_REFUNDED, PAID_TWICE_OWED = "paid_twice_refunded", "paid_twice_owed"
PAID_TWICE_ENDED = "paid_twice_ended"
PAYMENT_DUE, SUBSCRIPTION_CANCELLED = "payment_due", "subscription_cancelled"
# what is told by the bell, by letter (app.notifications)
NEWS = "news"
NOTICE_RECEIVED, NOTICE_UPHELD, NOTICE_DISMISSED = "notice_received", "notice_upheld", "notice_dismissed"


class Letter(Model):
    """An e-mail to be sent: written with the change that causes it, sent by a job, rendered at sending."""

    __tablename__ = "letters"

    id: Mapped[int] = primary_key()
    # none of who gave a legal notice: they need no account, and the notice has their address
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str]
    # of a link: the customer at Stripe whose address it goes to, which is asked for when it is sent and never kept
    customer_id: Mapped[str | None] = mapped_column(index=True)
    parameters: Mapped[dict[str, Any]]
    # null: what the house speaks
    language: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
