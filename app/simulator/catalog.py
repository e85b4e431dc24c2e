"""What is sold: one product at one monthly price to begin with, and whatever is added."""

from app.simulator.store import Object, Store, new_id, now
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT


def seed(store: Store) -> None:
    with store.transaction():
        if not store.find("price", limit=1):
            sold = product("Digital subscription", "All articles, and a voice in the comments.", SIMULATED_PRODUCT)
            store.save("product", sold | {"default_price": SIMULATED_PRICE})
            monthly = price(SIMULATED_PRODUCT, 499, "gbp", "month", SIMULATED_PRICE)
            store.save("price", monthly | {"nickname": "Monthly"})


def product(name: str, description: str | None = None, identifier: str | None = None) -> Object:
    return {
        "id": identifier or new_id("prod"),
        "object": "product",
        "active": True,
        "created": now(),
        "default_price": None,
        "description": description,
        "images": [],
        "livemode": False,
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
