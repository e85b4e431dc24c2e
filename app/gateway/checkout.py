"""The pages that Stripe hosts: Checkout, where a subscription is bought, and the Portal, where it is managed."""

from app.gateway.client import Object, Stripe


def create(
    stripe: Stripe, account_id: int, customer_id: str, price: str, success_url: str, cancel_url: str, language: str
) -> str:
    """The address of a Checkout page for one subscription."""
    wanted = {
        "mode": "subscription",
        "customer": customer_id,
        "customer_update": {"name": "auto"},
        "client_reference_id": str(account_id),
        "line_items": [{"price": price, "quantity": 1}],
        "metadata": {"account_id": str(account_id)},
        # the session's metadata is not copied to the subscription
        "subscription_data": {"metadata": {"account_id": str(account_id)}},
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": language,
    }
    return str(stripe.change(lambda v1: v1.checkout.sessions.create(wanted))["url"])


def retrieve(stripe: Stripe, identifier: str) -> Object | None:
    """A Checkout session as it is now; None where Stripe has none of that id."""
    return stripe.find(lambda v1: v1.checkout.sessions.retrieve(identifier))


def create_portal(stripe: Stripe, customer_id: str, return_url: str, language: str) -> str:
    """The address of a Portal page. Whoever has it manages the subscription: never log it."""
    wanted = {"customer": customer_id, "return_url": return_url, "locale": language}
    return str(stripe.change(lambda v1: v1.billing_portal.sessions.create(wanted))["url"])
