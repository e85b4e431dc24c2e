"""The application: the API that the SDK calls, the pages that Stripe would host, and controls of its own."""

from pathlib import Path

from flask import Flask

from app.simulator import api, api_events, catalog, controls, controls_delivery, controls_money, pages
from app.simulator.context import Simulator
from app.simulator.courier import Courier
from app.simulator.store import Store
from app.simulator.traffic import Traffic


class SimulatorRefused(RuntimeError):
    """A stand-in for Stripe must never run where money is real."""


def create_simulator(
    state_path: Path, webhook_url: str, webhook_secret: str, public_url: str, *, mode: str = "test", couriers: int = 1
) -> Flask:
    """Build the simulator and start its courier, daemon threads that deliver webhooks.

    `public_url` is where a browser reaches this application, without a slash at the end. Raises SimulatorRefused
    where `mode` is live.
    """
    if mode == "live":
        raise SimulatorRefused("the Stripe simulator cannot run in live mode")
    simulator = build()
    simulator.extensions["simulator"] = begin(state_path, webhook_url, webhook_secret, public_url, couriers)
    return simulator


def build() -> Flask:
    """Only the routes: whoever serves them puts what `begin` gives into the extension "simulator"."""
    simulator = Flask(__name__)
    for blueprint in (
        api.blueprint,
        api_events.blueprint,
        pages.blueprint,
        controls.blueprint,
        controls_delivery.blueprint,
        controls_money.blueprint,
    ):
        simulator.register_blueprint(blueprint)
    return simulator


def begin(state_path: Path, webhook_url: str, webhook_secret: str, public_url: str, couriers: int = 1) -> Simulator:
    """What the routes work on, its courier under way."""
    store = Store(state_path)
    catalog.seed(store)
    courier = Courier(store, webhook_url, webhook_secret, couriers)
    courier.start()
    return Simulator(store, courier, Traffic(), public_url.rstrip("/"))
