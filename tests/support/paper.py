"""The newspaper and the simulated Stripe, each served over real sockets, telling each other things."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import requests
from flask import Flask

from app import clock, worker
from app.accounts import identity
from app.billing import facts, sync, throttle
from app.billing.entitlement import Entitlement
from app.db import Database
from app.gateway.client import Object
from app.installation import Installation
from app.models import Account, Site
from app.sign_in import bearer_tokens
from app.simulator import lifecycle, shapes
from app.simulator.lifecycle import SubscriptionOrder
from app.simulator.store import Store
from config.policy import HouseRules
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT, Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.loopback import serving
from tests.support.simulated_stripe import simulated_stripe


@dataclass
class Paper:
    """A site, a reader, their subscription at the simulated Stripe, and hands to move it all."""

    settings: Settings
    house: HouseRules
    database: Database
    app: Flask
    site: Site
    reader: Account
    simulated: Store
    stripe_goes_away: Callable[[], None]

    @property
    def it(self) -> Installation:
        """The paper as its web has it."""
        return assembled(self.settings, self.house, self.database)

    def entitlement(self) -> Entitlement:
        """What the reader may do now, from local facts alone."""
        with self.database.reading() as session:
            return facts.entitlement(session, self.reader.id, self.site, clock.now(), self.house.at({}))

    def work(self) -> None:
        """Do what the worker has to do now; it takes no turns at a Stripe that serves us alone."""
        worker.runner(self.it).run_all()

    def sold(self, *prices: str, account_id: object = None) -> str:
        """A subscription that begins at Stripe past our pages, with the account named on it; its id."""
        first, *more = prices or (SIMULATED_PRICE,)
        metadata = {} if account_id is None else {"account_id": str(account_id)}
        with self.simulated.transaction():
            customer = self.simulated.save("customer", shapes.customer("somebody@example.org", None, {}))
            made = lifecycle.create_subscription(
                self.simulated, SubscriptionOrder(customer["id"], first, metadata, further_prices=more)
            )
        return str(made["id"])

    def changed(self, subscription: str, **values: object) -> Object:
        """Change a subscription at Stripe past our pages; the subscription as it is there."""
        with self.simulated.transaction():
            return self.simulated.save("subscription", self.simulated.get("subscription", subscription) | values)

    def hint(self, kind: str, identifier: str) -> None:
        """Mark an object of Stripe's as if an event had named it."""
        with self.database.transaction() as session:
            sync.request(session, kind, identifier)

    def look(self, kind: str, identifier: str) -> None:
        """Have an object asked for, and whatever it leads to."""
        self.hint(kind, identifier)
        self.work()

    def browser(self, account: Account | None = None) -> requests.Session:
        """Somebody at our own pages, signed in."""
        who = account or self.reader
        with self.database.reading() as session:
            caller = identity.load(session, who.id, who.session_epoch)
        browser = requests.Session()
        browser.headers["Authorization"] = f"Bearer {bearer_tokens.issue(self.settings, caller)}"
        browser.headers["Accept"] = "text/html"
        return browser

    def go_to_checkout(self, browser: requests.Session) -> str:
        """Press the button; the address of the Checkout page."""
        answer = browser.post(f"{self.settings.public_url}/subscription/subscribe", allow_redirects=False, timeout=10)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def pay(self, checkout_url: str, **card: str) -> str:
        """Pay at Checkout, with what else is on the `card`; the address that leads back."""
        form = {"action": "pay", "number": "4242 4242 4242 4242", **card}
        answer = requests.post(checkout_url, data=form, allow_redirects=False, timeout=10)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def control(self, path: str, **form: object) -> None:
        """Use one of the simulator's own controls."""
        requests.post(f"{self.settings.stripe_api_base}/_sim/{path}", data=form, timeout=10).raise_for_status()


@contextmanager
def living_paper(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Paper]:
    """Both servers run inside the block. Nobody waits for their turn at a Stripe that serves us alone."""
    (secret,) = settings.stripe_webhook_secrets
    with (
        patch.object(throttle, "TIME_BETWEEN_CALLS", timedelta()),
        serving() as here,
        simulated_stripe(tmp_path, f"{here.url}/stripe/webhook", secret) as (there, simulator),
    ):
        settings = replace(settings, public_url=here.url, stripe_api_base=there.url)
        app = application(assembled(settings, house, database), "paper")
        here.application = app
        with database.transaction() as session:
            site = factories.site(session, products=(SIMULATED_PRODUCT,))
            reader = factories.account(session)
        yield Paper(settings, house, database, app, site, reader, simulator.extensions["simulator"].store, there.stop)
