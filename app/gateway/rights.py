"""Whether a key may read what we read."""

from app.gateway.client import Stripe, StripeRefused, StripeUnavailable

LISTS = ("charges", "customers", "disputes", "events", "invoices", "payment_methods", "refunds", "subscriptions")


def unreadable(stripe: Stripe) -> list[str]:
    """The lists at Stripe that the key for reading is refused, or that cannot be reached. Raises WrongMode."""
    return [name for name in LISTS if not _may_read(stripe, name)]


def _may_read(stripe: Stripe, name: str) -> bool:
    try:
        stripe.page(lambda v1: getattr(v1, name).list({"limit": 1}))
    except StripeRefused:
        return True  # it did not like the question, and read it
    except StripeUnavailable:
        return False
    return True
