"""Objects that matter only for what they point to: asked for by their own id, answered with what to ask for instead."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from app.gateway import events
from app.gateway.client import Object, Stripe
from app.gateway.events import CHARGE, DISPUTE, EVENT, FRAUD_WARNING, INVOICE, REFUND, SETUP_INTENT, Hint
from app.gateway.values import MalformedObject

PAYMENTS = "payments.data.payment.payment_intent"
RETRIEVE: dict[str, Callable[[Any, str], Any]] = {
    INVOICE: lambda v1, identifier: v1.invoices.retrieve(identifier, {"expand": [PAYMENTS]}),
    REFUND: lambda v1, identifier: v1.refunds.retrieve(identifier),
    DISPUTE: lambda v1, identifier: v1.disputes.retrieve(identifier),
    FRAUD_WARNING: lambda v1, identifier: v1.radar.early_fraud_warnings.retrieve(identifier),
    SETUP_INTENT: lambda v1, identifier: v1.setup_intents.retrieve(identifier),
    EVENT: lambda v1, identifier: v1.events.retrieve(identifier),
}


def follow(stripe: Stripe, kind: str, identifier: str) -> frozenset[Hint]:
    """What the object of one of the kinds above points to, as (type, id); nothing where Stripe has none of that id."""
    found = stripe.find(lambda v1: RETRIEVE[kind](v1, identifier))
    if found is None:
        return frozenset()
    if kind == EVENT:
        return events.read(found).hints
    try:
        return events.asked_for(kind, found) | frozenset(_charges_of(found))
    except events.UNREADABLE as error:
        raise MalformedObject(f"not a {kind}: {type(error).__name__}") from error


def _charges_of(invoice: Object) -> Iterator[Hint]:
    """Invoices name their payments, each a PaymentIntent, since 2025."""
    for entry in (invoice.get("payments") or {}).get("data", ()):
        intent = entry["payment"].get("payment_intent")
        charge = intent.get("latest_charge") if isinstance(intent, Mapping) else None
        if isinstance(charge, str):
            yield CHARGE, charge
