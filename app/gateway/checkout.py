"""The pages that Stripe hosts: Checkout, where a subscription is bought, and the Portal, where it is managed."""

from dataclasses import dataclass

from app.gateway.client import Object, Stripe
from app.gateway.events import SETUP_INTENT, SUBSCRIPTION, Hint
from app.gateway.values import MalformedObject, reference


@dataclass(frozen=True)
class CheckoutOrder:
    """One subscription that an account is about to buy, and where its reader goes from Checkout: paid or turned back.

    `customer` and `price` are Stripe's ids; `reference` is what tells the account again when it was bought.
    """

    account_id: int
    reference: str
    customer: str
    price: str
    success_url: str
    cancel_url: str
    language: str


@dataclass(frozen=True)
class Bought:
    """What became of a Checkout session. `paid`: the money is here, or none was due; some methods take days."""

    reference: str | None
    complete: bool
    paid: bool
    customer: str | None
    subscription: str | None
    setup_intent: str | None

    def hints(self) -> list[Hint]:
        """What it brought about, to ask Stripe about, as (type, id)."""
        found = ((SETUP_INTENT, self.setup_intent), (SUBSCRIPTION, self.subscription))
        return [(kind, identifier) for kind, identifier in found if identifier is not None]


def create(stripe: Stripe, order: CheckoutOrder) -> str:
    """The address of a Checkout page for what is ordered. Raises StripeRefused and StripeUnavailable."""
    metadata = {"account_id": str(order.account_id)}
    wanted = {
        "mode": "subscription",
        "customer": order.customer,
        "customer_update": {"name": "auto"},
        "client_reference_id": order.reference,
        "line_items": [{"price": order.price, "quantity": 1}],
        "metadata": metadata,
        # the session's metadata is not copied to the subscription
        "subscription_data": {"metadata": metadata},
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "locale": order.language,
        "allow_promotion_codes": True,
    }
    return str(stripe.change(lambda v1: v1.checkout.sessions.create(wanted))["url"])


def retrieve(stripe: Stripe, identifier: str) -> Bought | None:
    """What became of a Checkout session until now; None where Stripe has none of that id. Raises MalformedObject."""
    found = stripe.find(lambda v1: v1.checkout.sessions.retrieve(identifier))
    return _bought(found) if found is not None else None


def _bought(raw: Object) -> Bought:
    try:
        return Bought(
            reference=raw.get("client_reference_id"),
            complete=raw["status"] == "complete",
            paid=raw["payment_status"] != "unpaid",
            customer=reference(raw.get("customer")),
            subscription=reference(raw.get("subscription")),
            setup_intent=reference(raw.get("setup_intent")),
        )
    except (KeyError, TypeError) as error:
        raise MalformedObject(f"not a checkout session: {type(error).__name__}") from error


def create_portal(stripe: Stripe, customer_id: str, return_url: str, language: str) -> str:
    """The address of a Portal page. Whoever has it manages the subscription: never log it."""
    wanted = {"customer": customer_id, "return_url": return_url, "locale": language}
    return str(stripe.change(lambda v1: v1.billing_portal.sessions.create(wanted))["url"])
