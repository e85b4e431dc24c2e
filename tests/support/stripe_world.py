"""The simulated Stripe on a real port, the official SDK in front of it, and somebody who hears its webhooks."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import stripe
from flask import Flask
from werkzeug.wrappers import Request, Response

from app.gateway import signature
from app.gateway.signature import SignatureCheck
from app.simulator.context import Simulator
from app.simulator.store import Store
from config.settings import SIMULATED_PRICE
from tests.support.loopback import serving
from tests.support.simulated_stripe import simulated_stripe

SECRET = "whsec_simulated"


@dataclass
class Listener:
    """Hears the webhooks, and answers as it is told."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    answer: int = 200
    secrets: list[str] = field(default_factory=lambda: [SECRET])

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        body = Request(environ).get_data()
        header: str = environ["HTTP_STRIPE_SIGNATURE"]
        assert signature.verify(body, header, self.secrets, datetime.now(UTC)) is SignatureCheck.VERIFIED
        assert stripe.WebhookSignature.verify_header(body, header, self.secrets[0], tolerance=300)
        self.bodies.append(body)
        self.headers.append(header)
        self.heard.append(json.loads(body))
        return Response(status=self.answer)(environ, start_response)

    def types(self) -> list[str]:
        return [event["type"] for event in self.heard]

    def wait_for(self, kind: str, times: int = 1) -> dict[str, Any]:
        """The last of `times` events of a type, once they came."""
        eventually(lambda: self.types().count(kind) >= times)
        return [event for event in self.heard if event["type"] == kind][-1]


@dataclass
class World:
    client: Any
    listener: Listener
    url: str
    app: Flask

    @property
    def store(self) -> Store:
        found: Simulator = self.app.extensions["simulator"]
        return found.store

    def customer(self, **facts: Any) -> Any:
        return self.client.v1.customers.create({"email": "reader@example.org", **facts})

    def checkout(self, customer: Any) -> Any:
        return self.client.v1.checkout.sessions.create(
            {
                "mode": "subscription",
                "customer": customer.id,
                "client_reference_id": "77",
                "line_items": [{"price": SIMULATED_PRICE, "quantity": 1}],
                "success_url": "http://paper.example/return?session={CHECKOUT_SESSION_ID}",
                "cancel_url": "http://paper.example/cancelled",
                "subscription_data": {"metadata": {"account_id": "77"}},
            }
        )

    def pay(self, session: Any, **form: str) -> requests.Response:
        body = {"action": "pay", "number": "4242 4242 4242 4242", **form}
        return requests.post(session.url, data=body, allow_redirects=False, timeout=10)

    def subscribed(self) -> str:
        """The id of a new, paid subscription."""
        session = self.checkout(self.customer())
        self.pay(session)
        return str(self.client.v1.checkout.sessions.retrieve(session.id).subscription)

    def control(self, path: str, **form: object) -> None:
        requests.post(f"{self.url}/_sim/{path}", data=form, timeout=10).raise_for_status()


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


@contextmanager
def running_world(tmp_path: Path) -> Iterator[World]:
    listener = Listener()
    with serving(listener) as paper, simulated_stripe(tmp_path, f"{paper.url}/hook", SECRET) as (server, simulator):
        yield World(client_of(server.url), listener, server.url, simulator)


def client_of(url: str) -> Any:
    return stripe.StripeClient("sk_test_simulated", base_addresses={"api": url}, max_network_retries=0)
