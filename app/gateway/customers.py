"""Customers at Stripe."""

from app.gateway.client import Object, Stripe


def create(stripe: Stripe, account_id: int, email: str | None, attempt: int) -> str:
    """The id of the customer made for an account; the same call again gives the same customer."""
    wanted = {"metadata": {"account_id": str(account_id)}} | ({"email": email} if email else {})
    options = {"idempotency_key": f"account:{account_id}:customer:{attempt}"}
    return str(stripe.change(lambda v1: v1.customers.create(wanted, options))["id"])


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The customer as it is now; None where Stripe has none of that id, or has deleted it."""
    found = stripe.find(lambda v1: v1.customers.retrieve(identifier))
    return None if found is None or found.get("deleted") else found
