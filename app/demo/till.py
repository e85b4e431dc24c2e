"""The demo's till: the simulated Stripe as it was at each moment of the history.

The calls are those of the product over real HTTP, and what happens comes back as real webhooks and jobs, so that
nothing that the simulator tells later contradicts what was told here.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from app import worker
from app.billing import adopt, checkout
from app.demo.newspaper import Customer, Reader
from app.gateway import client
from app.installation import Installation
from app.simulator import cards, checkouts, create_simulator, crowd, disputes, lifecycle, methods, refunds
from app.simulator.context import Simulator
from app.simulator.lifecycle import SubscriptionOrder
from app.simulator.store import Object
from app.web.application import create_app
from config.settings import SIMULATED_PRICE

TRIAL_DAYS = 30
# a busy machine delivers slowly, and a seed that gives up helps nobody
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Till:
    """Subscriptions of `it`, for as long as `opened` lasts. Each verb happens at the clock's moment."""

    it: Installation
    simulator: Simulator

    def subscribe(self, account_id: int, reader: Reader) -> None:
        """Buy a subscription at Checkout, or begin a trial."""
        address = checkout.begin(self.it, account_id, "en")
        store = self.simulator.store
        with store.transaction():
            session = store.get("checkout.session", address.rsplit("/", 1)[-1])
            if reader.subscription == "trial":
                owner = session["_subscription_metadata"]
                lifecycle.begin_trial(
                    store, SubscriptionOrder(session["customer"], session["_price"], owner), TRIAL_DAYS
                )
            else:
                checkouts.complete(store, session, _method(session["customer"], reader))

    def renew(self, account_id: int) -> None:
        """The period is over, and the next one is paid."""
        store = self.simulator.store
        with store.transaction():
            lifecycle.advance(store, self._subscription(account_id))

    def settle(self, customer: Customer) -> None:
        """Somebody has subscribed without ever having been here."""
        store = self.simulator.store
        with store.transaction():
            crowd.settle(store, customer.email, customer.name, store.get("price", SIMULATED_PRICE))

    def customer(self, email: str) -> str:
        """The id of the customer at Stripe who has settled with this address."""
        (found,) = self.simulator.store.find("customer", {"email": email})
        return str(found["id"])

    def adopt(self) -> None:
        """Take in all whom Stripe knows and we do not."""
        adopt.adopt(self.it)

    def turn(self, account_id: int, reader: Reader) -> None:
        """What the reader's subscription came to: its end was ordered, a payment failed or went back, or it lapsed."""
        store = self.simulator.store
        with store.transaction():
            subscription = self._subscription(account_id)
            match reader.subscription:
                case "ending":
                    lifecycle.schedule_end(store, subscription, by_time=True)
                case "paused":
                    subscription["pause_collection"] = {"behavior": "void", "resumes_at": None}
                    lifecycle.changed(store, subscription)
                case "refunded":
                    charge = self._latest_charge(subscription)
                    refunds.refund(store, charge, charge["amount"], "requested_by_customer", {})
                case "disputed":
                    opened = disputes.dispute(store, self._latest_charge(subscription), "needs_response", "fraudulent")
                    disputes.move(store, opened, "lost")
                case "past_due":
                    lifecycle.advance(store, subscription, payment="fails")
                case "lapsed":
                    lifecycle.lapse(store, subscription)

    def catch_up(self) -> None:
        """Wait until every webhook has arrived, and do the jobs that they cause."""
        self.simulator.courier.wake()
        end = time.monotonic() + PATIENCE_SECONDS
        while self.simulator.store.rows("SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 1"):
            if time.monotonic() > end:
                raise RuntimeError("the webhooks of the simulated Stripe do not arrive")
            time.sleep(0.02)
        worker.runner(self.it).run_all()

    def _subscription(self, account_id: int) -> Object:
        with self.it.database.reading() as session:
            customer_id = checkout.customer_of(session, account_id)
        (subscription,) = self.simulator.store.find("subscription", {"customer": customer_id or ""})
        return subscription

    def _latest_charge(self, subscription: Object) -> Object:
        return max(
            self.simulator.store.find("charge", {"customer": subscription["customer"]}),
            key=lambda charge: int(charge["created"]),
        )


def _method(customer_id: str, reader: Reader) -> Object:
    number = cards.digits(reader.card or cards.number_of(customer_id))
    return methods.from_card(number, {"email": reader.address, "name": reader.pays_as or reader.name})


@contextmanager
def opened(it: Installation) -> Iterator[Till]:
    """The simulator on its own state file, and the web that hears its webhooks, each on a free port of this machine."""
    settings = it.settings
    with _served(create_app(it)) as web_address:
        simulator = create_simulator(
            settings.var / "stripe.db",
            f"{web_address}/stripe/webhook",
            settings.stripe_webhook_secrets[0],
            f"{settings.public_url}/simulator",
            mode=settings.stripe_mode,
        )
        within: Simulator = simulator.extensions["simulator"]
        try:
            with _served(simulator) as address:
                settings = replace(settings, stripe_api_base=address)
                yield Till(replace(it, settings=settings, stripe=client.connect(settings)), within)
        finally:
            within.courier.stop()


@contextmanager
def _served(application: Any) -> Iterator[str]:
    """The address at which `application` answers, one request at a time."""
    server: WSGIServer = make_server("127.0.0.1", 0, application, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Silent(WSGIRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass
