from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of

# two accounts of one mailbox, or of one log-in elsewhere, are one person's
MAILBOX, LOGIN = "mailbox", "login"
SURE = (MAILBOX, LOGIN)
# a fingerprint that is equal is the same card, bank account or wallet
INSTRUMENTS = (
    *("card", "bacs_debit", "sepa_debit", "us_bank_account", "acss_debit", "au_becs_debit", "paypal", "wallet"),
)
# what the paper says of a log-in: the customer at Stripe, and a mailbox that nobody has confirmed. That one counts
# against who comes with it, and never against whose mailbox it is: otherwise anybody could have them banned
CUSTOMER, TOLD_MAILBOX = "customer", "told_mailbox"
STRONG = (*INSTRUMENTS, CUSTOMER, TOLD_MAILBOX)
# an address at a checkout is only somebody's word, and mailboxes that are spelt alike may be two people's
ALIKE = "alike"
ADDRESSES = ("link", "email")
MEDIUM = (*ADDRESSES, ALIKE)
PAID_WITH = (*INSTRUMENTS, *ADDRESSES)


class Trait(Model):
    """By what a person is known again: the mailbox of an account, its log-in elsewhere, or what was paid with for it.

    Only the keyed digest of it is kept. Of what was paid with there is a row for each digest key in use, so that a key
    can be exchanged while what was seen before is still known again.
    """

    __tablename__ = "traits"
    __table_args__ = (one_of("kind", (*SURE, *STRONG, *MEDIUM)), Index("ix_traits_key_id", "key_id"))

    token: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)
    kind: Mapped[str]
    # which of the digest keys made the token
    key_id: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
