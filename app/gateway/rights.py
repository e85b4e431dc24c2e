"""Whether a key may read what we read."""

from operator import attrgetter

from app.gateway.client import Stripe, StripeRefused, StripeUnavailable

LISTS = (
    *("charges", "checkout.sessions", "customers", "disputes", "events", "invoice_payments", "invoices"),
    *(
        "payment_methods",
        "prices",
        "products",
        "radar.early_fraud_warnings",
        "refunds",
        "setup_intents",
        "subscriptions",
    ),
)


def unreadable(stripe: Stripe) -> list[str]:
    """The lists at Stripe that the key for reading is refused, or that cannot be reached. Raises WrongMode."""
    return [name for name in LISTS if not _may_read(stripe, name)]


def _may_read(stripe: Stripe, name: str) -> bool:
    try:
        stripe.slice(lambda v1: attrgetter(name)(v1).list({"limit": 1}))
    except StripeRefused as refusal:
        # it did not like how we asked, and would have answered
        return refusal.param is not None
    except StripeUnavailable:
        return False
    return True
