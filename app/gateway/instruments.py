"""What somebody pays with, or is about to, read at Stripe for its fingerprints and for nothing else."""

from collections.abc import Iterable, Iterator

from app.gateway import fingerprints
from app.gateway.client import Object, Stripe
from app.gateway.fingerprints import Fingerprint


def of_customer(stripe: Stripe, customer: Object) -> list[Fingerprint]:
    """What identifies a customer (as it was retrieved): its address, and every way to pay that it has now."""
    query = {"customer": customer["id"], "limit": 100}
    methods = stripe.walk(lambda v1: v1.payment_methods.list(query))
    return [*fingerprints.of(customer), *_each(methods)]


def of_payments(stripe: Stripe, customer_id: str) -> list[Fingerprint]:
    """What all payments of a customer were made with, also where it was taken off since."""
    query = {"customer": customer_id, "limit": 100}
    return list(_each(stripe.walk(lambda v1: v1.charges.list(query))))


def payment_method(stripe: Stripe, identifier: str) -> Object | None:
    """A payment method as it is now; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.payment_methods.retrieve(identifier))


def setup_intent(stripe: Stripe, identifier: str) -> Object | None:
    """A setup intent with the payment method that it set up; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.setup_intents.retrieve(identifier, {"expand": ["payment_method"]}))


def confirmation_token(stripe: Stripe, identifier: str) -> Object | None:
    """What a reader has entered and not yet paid with; None where Stripe has none of that id, or no more."""
    return stripe.find(lambda v1: v1.confirmation_tokens.retrieve(identifier))


def _each(found: Iterable[Object]) -> Iterator[Fingerprint]:
    for raw in found:
        yield from fingerprints.of(raw)
