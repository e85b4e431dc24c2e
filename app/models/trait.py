from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of

# a fingerprint that is equal is the same card, bank account or wallet; an address at a checkout is only somebody's word
STRONG = ("card", "bacs_debit", "sepa_debit", "paypal")
MEDIUM = ("link", "email")


class Trait(Model):
    """By what a person is known again: an account has paid with it. Only the keyed digest of what it is is kept.

    One row per digest key in use, so that a key can be exchanged while what was seen before is still known again.
    """

    __tablename__ = "traits"
    __table_args__ = (one_of("kind", (*STRONG, *MEDIUM)), Index("ix_traits_key_id", "key_id"))

    token: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)
    kind: Mapped[str]
    # which of the digest keys made the token
    key_id: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
