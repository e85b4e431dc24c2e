"""Cards and other ways to pay, read at Stripe."""

from app.gateway.client import Object, Stripe


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The payment method as it is now; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.payment_methods.retrieve(identifier))
