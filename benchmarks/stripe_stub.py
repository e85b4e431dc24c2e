"""Just enough of Stripe for a load test, cheap since it shares the machine with what is measured: subscriptions and
customers in memory, changed by whoever holds them, and a count of the requests of each second.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from app.simulator import catalog, shapes
from app.simulator.store import Object, new_id
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT

EMPTY = {"object": "list", "data": [], "has_more": False, "url": "/"}


class Stub:
    """A WSGI application. `requests` counts by second; `kinds` by what was asked for."""

    def __init__(self, subscriptions: int) -> None:
        self.requests: Counter[int] = Counter()
        self.kinds: Counter[str] = Counter()
        self.objects: dict[str, Object] = {}
        self._lock = threading.Lock()
        price = catalog.price(SIMULATED_PRODUCT, 499, "gbp", "month", SIMULATED_PRICE)
        for _ in range(subscriptions):
            customer = shapes.customer(None, None, {})
            subscription: Object = shapes.subscription(customer["id"], price, {})
            # as it is where the call asks for the latest invoice along with the subscription, as ours do
            subscription["latest_invoice"] = {"id": new_id("in"), "object": "invoice", "status": "paid"}
            self.objects |= {customer["id"]: customer, subscription["id"]: subscription}

    def of_kind(self, kind: str) -> list[str]:
        """Ids of all objects of a kind."""
        return [identifier for identifier, thing in self.objects.items() if thing["object"] == kind]

    def postpone(self, subscription_id: str) -> Object:
        """Change a subscription: it is to be cancelled a second later than it was. The whole of it."""
        with self._lock:
            thing = self.objects[subscription_id]
            thing["cancel_at"] = (thing["cancel_at"] or shapes.next_month(int(time.time()))) + 1
            return dict(thing)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _, _version, collection, *rest = environ["PATH_INFO"].split("/")
        with self._lock:
            self.requests[int(time.time())] += 1
            self.kinds[collection] += 1
            found = EMPTY if not rest else self.objects.get(rest[0])
            body = json.dumps(found or {"error": {"type": "invalid_request_error"}}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK" if found else "404 Not Found", headers)
        return [body]
