"""The same verbs at any Stripe: our simulator, localstripe, or the sandbox that STRIPE_API_KEY (and _BASE) name.

Each does only what Stripe itself can be asked over its API, with Stripe's own test payment methods, so that a test
written with these runs against the real one too.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import stripe

from app.ids import new_id
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT
from tests.support import localstripe
from tests.support.simulated_stripe import simulated_stripe

GOOD_CARD, DECLINED_LATER = "pm_card_visa", "pm_card_chargeCustomerFail"


@dataclass(frozen=True)
class AnyStripe:
    """`sells` is one line of a subscription, `product` what it belongs to."""

    name: str
    key: str
    address: str
    product: str
    sells: dict[str, str]

    @property
    def v1(self) -> Any:
        base = {"api": self.address} if self.address else {}
        return stripe.StripeClient(self.key, base_addresses=base, max_network_retries=2).v1  # type: ignore[arg-type]

    def customer(self, **facts: Any) -> str:
        return str(self.v1.customers.create({"email": f"reader-{new_id()}@example.org", **facts}).id)

    def pays_with(self, customer: str, card: str = GOOD_CARD) -> str:
        """The fingerprint of the card that the customer pays with from now on."""
        method = self.v1.payment_methods.attach(card, {"customer": customer})
        self.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})
        return str(method.card.fingerprint)

    def subscribe(self, customer: str) -> str:
        return str(self.v1.subscriptions.create({"customer": customer, "items": [self.sells]}).id)


@contextmanager
def simulated(folder: Any) -> Iterator[AnyStripe]:
    with simulated_stripe(folder, "http://127.0.0.1:9/nobody", "whsec_1") as (server, _simulator):
        line = {"price": SIMULATED_PRICE}
        yield AnyStripe("simulator", "sk_test_simulated", server.url, SIMULATED_PRODUCT, line)


@contextmanager
def foreign() -> Iterator[AnyStripe]:
    with localstripe.running() as address:
        known = AnyStripe("localstripe", localstripe.KEY, address, "", {})
        product = known.v1.products.create({"name": "Digital subscription"})
        terms = {"product": product.id, "amount": 499, "currency": "gbp", "interval": "month", "id": "monthly"}
        plan = known.v1.plans.create(terms)
        yield AnyStripe("localstripe", localstripe.KEY, address, product.id, {"plan": plan.id})


@contextmanager
def sandbox() -> Iterator[AnyStripe | None]:
    """None where the environment names no sandbox."""
    key, address = os.environ.get("STRIPE_API_KEY", ""), os.environ.get("STRIPE_API_BASE", "")
    if "_test_" not in key:
        yield None
        return
    known = AnyStripe("sandbox", key, address, "", {})
    product = known.v1.products.create({"name": f"Tests of {time.strftime('%Y-%m-%d %H:%M')}"})
    terms: Any = {"product": product.id, "currency": "gbp", "unit_amount": 499, "recurring": {"interval": "month"}}
    price = known.v1.prices.create(terms)
    yield AnyStripe("sandbox", key, address, product.id, {"price": price.id})
