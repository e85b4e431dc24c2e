"""The account that a Checkout is for, as it travels through Stripe.

With a Payment Link buyers can write any reference into the address, so ours carry a keyed digest and no other counts.
"""

import hmac

from app import ids
from app.digests import digest
from config.settings import Settings

DIGEST_DIGITS = 32


def issue(settings: Settings, account_id: int) -> str:
    """The reference of an account: at most 52 of the characters that Stripe lets a `client_reference_id` have."""
    return f"{account_id}-{_digest(settings, account_id)}"


def account_of(settings: Settings, reference: str | None) -> int | None:
    """The account that a reference was issued for; None where we never issued it."""
    name, _, given = (reference or "").partition("-")
    account_id = ids.parse(name)
    if account_id is None or not given.isascii():
        return None
    return account_id if hmac.compare_digest(given, _digest(settings, account_id)) else None


def _digest(settings: Settings, account_id: int) -> str:
    return digest(settings, "checkout", str(account_id))[:DIGEST_DIGITS]
