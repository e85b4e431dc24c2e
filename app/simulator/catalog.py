"""What the newspaper sells: one product at one monthly price."""

from app.simulator.store import Object, Store, now
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT


def seed(store: Store) -> None:
    with store.transaction():
        if not store.find("price", limit=1):
            store.save("product", product())
            store.save("price", price())


def product() -> Object:
    return {
        "id": SIMULATED_PRODUCT,
        "object": "product",
        "active": True,
        "created": now(),
        "default_price": SIMULATED_PRICE,
        "description": "All articles, and a voice in the comments.",
        "images": [],
        "livemode": False,
        "metadata": {},
        "name": "Digital subscription",
        "updated": now(),
    }


def price() -> Object:
    return {
        "id": SIMULATED_PRICE,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": now(),
        "currency": "gbp",
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": "Monthly",
        "product": SIMULATED_PRODUCT,
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount": 499,
        "unit_amount_decimal": "499",
    }
