"""What the newspaper sells: one product at one monthly price."""

from app.simulator.store import Object, Store, now

PRODUCT_ID = "prod_digital_subscription"
PRICE_ID = "price_digital_monthly"


def seed(store: Store) -> None:
    with store.transaction():
        if not store.find("price", limit=1):
            store.save("product", _product())
            store.save("price", _price())


def _product() -> Object:
    return {
        "id": PRODUCT_ID,
        "object": "product",
        "active": True,
        "created": now(),
        "default_price": PRICE_ID,
        "description": "All articles, and a voice in the comments.",
        "images": [],
        "livemode": False,
        "metadata": {},
        "name": "Digital subscription",
        "updated": now(),
    }


def _price() -> Object:
    return {
        "id": PRICE_ID,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": now(),
        "currency": "gbp",
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": "Monthly",
        "product": PRODUCT_ID,
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "type": "recurring",
        "unit_amount": 499,
        "unit_amount_decimal": "499",
    }
