"""What somebody pays with, or is about to, read at Stripe for its fingerprints and for nothing else."""

from collections.abc import Iterable, Iterator

from app.gateway import fingerprints, methods
from app.gateway.client import LONGEST_SLICE, NotThere, Object, Stripe, StripeRefused
from app.gateway.fingerprints import Fingerprint


def of_customer(stripe: Stripe, customer: Object) -> list[Fingerprint]:
    """What identifies a customer (as it was retrieved): its address, and every way to pay that it has now."""
    return [*fingerprints.of(customer), *_each(_methods(stripe, customer["id"]))]


def of_subscription(stripe: Stripe, subscription: Object) -> list[Fingerprint]:
    """What a subscription (as it was retrieved) is paid with, every other way to pay that its customer has now, and all
    that they ever paid with, long ago and taken off since.
    """
    chosen, customer = subscription.get("default_payment_method"), subscription.get("customer")
    found = _methods(stripe, customer) if isinstance(customer, str) else []
    if isinstance(chosen, str):
        chosen = None if any(each["id"] == chosen for each in found) else methods.retrieve(stripe, chosen)
    earlier = of_payments(stripe, customer) if isinstance(customer, str) else []
    return list(dict.fromkeys([*fingerprints.of(chosen), *_each(found), *earlier]))


def of_payments(stripe: Stripe, customer_id: str) -> list[Fingerprint]:
    """What all payments of a customer were made with, also where it was taken off since."""
    query = {"customer": customer_id, "limit": LONGEST_SLICE}
    return list(_each(stripe.walk(lambda v1: v1.charges.list(query))))


def confirmation_token(stripe: Stripe, identifier: str) -> Object | None:
    """What a reader has entered and not yet paid with; None where Stripe has none of that id, or no more."""
    return stripe.find(lambda v1: v1.confirmation_tokens.retrieve(identifier))


def _methods(stripe: Stripe, customer_id: str) -> list[Object]:
    query = {"customer": customer_id, "limit": LONGEST_SLICE}
    try:
        return list(stripe.walk(lambda v1: v1.payment_methods.list(query)))
    except NotThere:
        return []
    except StripeRefused:  # as Stripe was before 2022, one type at a time
        return list(stripe.walk(lambda v1: v1.payment_methods.list({**query, "type": "card"})))


def _each(found: Iterable[Object]) -> Iterator[Fingerprint]:
    for raw in found:
        yield from fingerprints.of(raw)
