"""Many customers at once, as a newspaper has them that comes to us with its subscribers, for benchmarks."""

from app.simulator import cards, methods, shapes
from app.simulator.store import Object, Store
from config.settings import SIMULATED_PRICE

BATCH = 1000


def seed_many(store: Store, count: int) -> None:
    """Customers reader0@example.org and so on, each with a card and an active subscription to what is sold here.

    No event tells of them and no invoice was written. Takes about a fifth of a millisecond for each.
    """
    price = store.get("price", SIMULATED_PRICE)
    for first in range(0, count, BATCH):
        with store.transaction():
            for number in range(first, min(first + BATCH, count)):
                settle(store, f"reader{number}@example.org", f"Reader {number}", price)


def settle(store: Store, email: str, name: str, price: Object) -> None:
    """One of them, who begins to subscribe now."""
    customer = shapes.customer(email, name, {})
    method = methods.from_card(cards.number_of(customer["id"]), {"email": customer["email"], "name": customer["name"]})
    method["customer"] = customer["id"]
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    store.save("customer", customer)
    store.save("payment_method", method)
    store.save("subscription", shapes.subscription(customer["id"], price, {}))
