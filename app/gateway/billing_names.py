"""Under which name a customer pays, as far as Stripe knows.

A bank vouches for none of it: the name on a card is what its holder typed, and few banks compare it. What the reader
can change at any time counts least.
"""

from app.gateway.client import Object, Stripe

RECENT_OBJECTS = 10


def of_customer(stripe: Stripe, customer_id: str) -> str | None:
    """The name on the latest payment that has one, else on a way to pay, else on the customer; None where none is.

    Personal data that is not ours to keep: compare it and forget it. At most three calls. Raises StripeUnavailable.
    """
    newest = {"customer": customer_id, "limit": RECENT_OBJECTS}
    charges, _more = stripe.slice(lambda v1: v1.charges.list(newest))
    on_payment = _first([charge for charge in charges if charge.get("paid")])
    if on_payment:
        return on_payment
    methods, _more = stripe.slice(lambda v1: v1.payment_methods.list(newest))
    on_method = _first(methods)
    if on_method:
        return on_method
    customer = stripe.find(lambda v1: v1.customers.retrieve(customer_id)) or {}
    return customer.get("name") or None


def _first(objects: list[Object]) -> str | None:
    return next((name for each in objects if (name := (each.get("billing_details") or {}).get("name"))), None)
