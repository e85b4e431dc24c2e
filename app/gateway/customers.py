"""Customers at Stripe."""

from dataclasses import dataclass
from datetime import datetime

from app.gateway.client import Object, Stripe
from app.gateway.values import moment


@dataclass(frozen=True)
class ListedCustomer:
    """A customer as a list of them tells it: who they say they are is read to be digested, never to be kept."""

    id: str
    email: str | None
    account_reference: str | None
    created_at: datetime


def create(stripe: Stripe, account_id: int, email: str | None, attempt: int) -> str:
    """The id of the customer made for an account; the same call again gives the same customer.

    Their address comes second: it may change before the call is made again, and Stripe refuses a key that stood for
    something else.
    """
    wanted = {"metadata": {"account_id": str(account_id)}}
    options = {"idempotency_key": f"account:{account_id}:customer:{attempt}"}
    made = stripe.change(lambda v1: v1.customers.create(wanted, options))
    if email:
        stripe.change(lambda v1: v1.customers.update(made["id"], {"email": email}))
    return str(made["id"])


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The customer as it is now; None where Stripe has none of that id, or has deleted it."""
    found = stripe.find(lambda v1: v1.customers.retrieve(identifier))
    return None if found is None or found.get("deleted") else found


def email(found: Object | None) -> str | None:
    """The address of a customer as it was just asked for. Not to be kept."""
    return (found or {}).get("email") or None


def slice_after(stripe: Stripe, after: str | None) -> tuple[list[ListedCustomer], str | None]:
    """A hundred customers, the newest first, and the id to go on after: None after the last slice.

    Raises StripeRefused where Stripe no longer has the customer `after`.
    """
    found, following = stripe.slice_after(lambda v1, wanted: v1.customers.list(wanted), {}, after)
    return [_listed(raw) for raw in found if not raw.get("deleted")], following


def _listed(raw: Object) -> ListedCustomer:
    reference = (raw.get("metadata") or {}).get("account_id")
    return ListedCustomer(raw["id"], raw.get("email"), reference, moment(raw["created"]))
