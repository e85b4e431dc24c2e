"""Subscriptions and their invoices, read at Stripe."""

from datetime import UTC, datetime

from app.gateway.client import Object, Stripe


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """The subscription as it is now; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.subscriptions.retrieve(identifier))


def first_unpaid_at(stripe: Stripe, subscription_id: str) -> datetime | None:
    """Since when the oldest open invoice of the subscription has been due; None where none is open."""
    query = {"subscription": subscription_id, "status": "open", "limit": 100}
    due = [
        (invoice.get("status_transitions") or {}).get("finalized_at") or invoice["created"]
        for invoice in stripe.walk(lambda v1: v1.invoices.list(query))
    ]
    return datetime.fromtimestamp(min(due), UTC) if due else None
