"""What is sold: one product at one monthly price to begin with, and whatever is added."""

from collections.abc import Sequence

from app.simulator.store import Object, Store, new_id, now
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT

CONTAINS = ("Every article, on the web and in the app", "Write, reply and respect under every story")


def seed(store: Store) -> None:
    with store.transaction():
        if not store.find("price", limit=1):
            words = "All articles, and a voice in the comments."
            sold = product("Digital subscription", words, SIMULATED_PRODUCT, CONTAINS)
            store.save("product", sold | {"default_price": SIMULATED_PRICE})
            monthly = price(SIMULATED_PRODUCT, 499, "gbp", "month", SIMULATED_PRICE)
            store.save("price", monthly | {"nickname": "Monthly"})


def product(
    name: str, description: str | None = None, identifier: str | None = None, contains: Sequence[str] = ()
) -> Object:
    return {
        "id": identifier or new_id("prod"),
        "object": "product",
        "active": True,
        "created": now(),
        "default_price": None,
        "description": description,
        "images": [],
        "livemode": False,
        "marketing_features": [{"name": each} for each in contains],
        "metadata": {},
        "name": name,
        "updated": now(),
    }


def price(product_id: str, amount: int, currency: str, interval: str, identifier: str | None = None) -> Object:
    return {
        "id": identifier or new_id("price"),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": now(),
        "currency": currency,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product_id,
        "recurring": {"interval": interval, "interval_count": 1, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
    }
