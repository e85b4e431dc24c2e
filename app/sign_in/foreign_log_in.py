"""A log-in elsewhere: what the paper's own site, or its provider of identities, says of somebody."""

from dataclasses import dataclass
from datetime import datetime

# models.login: who says so
SSO = "sso"


@dataclass(frozen=True)
class ForeignLogIn:
    """Who signs in: `subject` is what `provider` calls them for good, and all that they are found by.

    `mailbox_confirmed`: whoever says so has seen to it that the mailbox is theirs. `entitled_until`: so long the paper
    lets them write, where it has a say in it. `name` is a wish; `customer_id` theirs at Stripe.
    """

    provider: str
    subject: str
    email: str | None = None
    mailbox_confirmed: bool = False
    name: str = ""
    language: str | None = None
    customer_id: str | None = None
    entitled_until: datetime | None = None
