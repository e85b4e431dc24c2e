"""The stand-in for Stripe, called by the official SDK over real sockets and calling back over real sockets."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe
from werkzeug.wrappers import Request, Response

from app.billing import signature
from app.billing.signature import Verdict
from app.billing.snapshot import normalise_subscription
from app.simulator import SimulatorRefused, create_simulator
from config.settings import SIMULATED_PRICE
from tests.loopback import serving

SECRET = "whsec_simulated"


@dataclass
class Listener:
    """Hears the webhooks, and answers as it is told."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    answer: int = 200

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        body = Request(environ).get_data()
        header = environ.get("HTTP_STRIPE_SIGNATURE")
        assert signature.verify(body, header, [SECRET], datetime.now(UTC)) is Verdict.VERIFIED
        assert stripe.WebhookSignature.verify_header(body, header, SECRET, tolerance=300)
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


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    listener = Listener()
    with serving(listener) as paper, serving() as server:
        simulator = create_simulator(tmp_path / "stripe.db", f"{paper.url}/hook", SECRET, server.url)
        server.application = simulator
        yield World(client_of(server.url), listener, server.url)
        simulator.extensions["simulator"].courier.stop()


def client_of(url: str) -> Any:
    return stripe.StripeClient("sk_test_simulated", base_addresses={"api": url}, max_network_retries=0)


def test_it_refuses_to_exist_where_money_is_real(tmp_path: Path) -> None:
    with pytest.raises(SimulatorRefused):
        create_simulator(tmp_path / "stripe.db", "http://x", SECRET, "http://y", mode="live")


def test_a_key_of_live_mode_is_refused(world: World) -> None:
    live = stripe.StripeClient("sk_live_real", base_addresses={"api": world.url}, max_network_retries=0)
    with pytest.raises(stripe.AuthenticationError):
        live.v1.products.list()


def test_it_sells_one_product_at_a_monthly_price(world: World) -> None:
    (price,) = world.client.v1.prices.list().data
    assert (price.id, price.recurring.interval) == (SIMULATED_PRICE, "month")
    assert world.client.v1.products.retrieve(price.product).name == "Digital subscription"


def test_a_customer_is_made_changed_and_deleted(world: World) -> None:
    customer = world.customer(metadata={"account_id": "77"})
    world.client.v1.customers.update(customer.id, {"email": "new@example.org", "metadata": {"note": "x"}})
    found = world.client.v1.customers.retrieve(customer.id).to_dict()
    assert found["email"] == "new@example.org"
    assert found["metadata"] == {"account_id": "77", "note": "x"}
    world.client.v1.customers.delete(customer.id)
    assert world.client.v1.customers.retrieve(customer.id).deleted
    world.listener.wait_for("customer.deleted")


def test_a_repeated_request_is_answered_as_before(world: World) -> None:
    options = {"idempotency_key": "account:77:customer:0"}
    first, second = (world.client.v1.customers.create({"email": "a@example.org"}, options) for _ in range(2))
    assert first.id == second.id
    assert len(world.client.v1.customers.list().data) == 1


def test_what_does_not_exist_is_a_404(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.client.v1.subscriptions.retrieve("sub_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_paying_at_checkout_begins_a_subscription(world: World) -> None:
    session = world.checkout(world.customer())
    page = requests.get(session.url, timeout=10).text
    assert "4242 4242 4242 4242" in page
    assert "£4.99" in page

    answer = world.pay(session)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://paper.example/return?session={session.id}"

    paid = world.client.v1.checkout.sessions.retrieve(session.id).to_dict()
    assert (paid["status"], paid["payment_status"], paid["client_reference_id"]) == ("complete", "paid", "77")
    subscription = world.client.v1.subscriptions.retrieve(paid["subscription"]).to_dict()
    snapshot = normalise_subscription(subscription)
    assert (snapshot.status, snapshot.account_reference, snapshot.customer) == ("active", "77", paid["customer"])
    assert world.client.v1.invoices.retrieve(paid["invoice"]).status == "paid"
    heard = world.listener.wait_for("checkout.session.completed")
    assert heard["data"]["object"]["subscription"] == paid["subscription"]
    assert {"customer.created", "customer.subscription.created", "invoice.paid"} <= set(world.listener.types())


def test_paying_twice_begins_one_subscription(world: World) -> None:
    session = world.checkout(world.customer())
    world.pay(session)
    world.pay(session)
    assert len(world.client.v1.subscriptions.list({"customer": session.customer}).data) == 1


@pytest.mark.parametrize("form", [{"action": "decline"}, {"number": "4000 0000 0000 0002"}, {"number": ""}])
def test_a_declined_card_begins_nothing(world: World, form: dict[str, str]) -> None:
    session = world.checkout(world.customer())
    assert "declined" in world.pay(session, **form).text
    assert world.client.v1.checkout.sessions.retrieve(session.id).status == "open"
    assert not world.client.v1.subscriptions.list({"customer": session.customer}).data


def test_turning_back_at_checkout_leads_to_the_paper(world: World) -> None:
    answer = world.pay(world.checkout(world.customer()), action="cancel")
    assert answer.headers["Location"] == "http://paper.example/cancelled"


def test_the_portal_schedules_an_end_and_takes_it_back(world: World) -> None:
    identifier = world.subscribed()
    customer = world.client.v1.subscriptions.retrieve(identifier).customer
    portal = world.client.v1.billing_portal.sessions.create(
        {"customer": customer, "return_url": "http://paper.example/subscription"}
    )
    assert "http://paper.example/subscription" in requests.get(portal.url, timeout=10).text

    def press(action: str) -> Any:
        form = {"subscription": identifier, "action": action}
        requests.post(portal.url, data=form, timeout=10).raise_for_status()
        return world.client.v1.subscriptions.retrieve(identifier).to_dict()

    ending = press("cancel_at_period_end")
    assert not ending["cancel_at_period_end"]
    assert ending["cancel_at"] == ending["items"]["data"][0]["current_period_end"]
    assert press("resume")["cancel_at"] is None
    assert press("fail_payment")["status"] == "past_due"
    assert press("pay_now")["status"] == "active"
    assert press("cancel_now")["status"] == "canceled"


def test_the_portal_of_one_customer_does_not_touch_another(world: World) -> None:
    identifier = world.subscribed()
    portal = world.client.v1.billing_portal.sessions.create({"customer": world.customer().id})
    form = {"subscription": identifier, "action": "cancel_now"}
    assert requests.post(portal.url, data=form, timeout=10).status_code == 404
    assert world.client.v1.subscriptions.retrieve(identifier).status == "active"


def test_time_passes_for_one_subscription_alone(world: World) -> None:
    mine, other = world.subscribed(), world.subscribed()
    before = world.client.v1.subscriptions.retrieve(other).to_dict()
    world.control(f"subscriptions/{mine}/fail")
    invoice = world.client.v1.invoices.list({"subscription": mine, "status": "open"}).data[0]
    world.control(f"subscriptions/{mine}/pass", days=8)
    older = world.client.v1.invoices.retrieve(invoice.id)
    assert invoice.created - older.created == 8 * 24 * 3600
    assert world.client.v1.subscriptions.retrieve(mine).status == "past_due"
    assert world.client.v1.subscriptions.retrieve(other).to_dict() == before


@pytest.mark.parametrize(
    ("action", "status"), [("renew", "active"), ("fail", "past_due"), ("lapse", "canceled"), ("cancel", "canceled")]
)
def test_the_controls_move_a_subscription_on(world: World, action: str, status: str) -> None:
    identifier = world.subscribed()
    world.control(f"subscriptions/{identifier}/{action}")
    subscription = world.client.v1.subscriptions.retrieve(identifier).to_dict()
    assert subscription["status"] == status
    assert (subscription["ended_at"] is not None) == (status == "canceled")


def test_a_trial_costs_nothing_until_its_end(world: World) -> None:
    form = {"customer": world.customer().id, "trial_days": "14"}
    begun = requests.post(f"{world.url}/_sim/subscriptions", data=form, timeout=10).json()
    assert begun["status"] == "trialing"
    assert begun["trial_end"] - begun["trial_start"] == 14 * 24 * 3600
    world.control(f"subscriptions/{begun['id']}/renew")
    renewed = world.client.v1.subscriptions.retrieve(begun["id"])
    assert renewed.status == "active"
    assert world.client.v1.invoices.retrieve(renewed.latest_invoice).status == "paid"


def test_a_scheduled_end_is_reached_at_the_end_of_the_period(world: World) -> None:
    identifier = world.subscribed()
    world.client.v1.subscriptions.update(identifier, {"cancel_at_period_end": True})
    world.control(f"subscriptions/{identifier}/renew")
    assert world.client.v1.subscriptions.retrieve(identifier).status == "canceled"
    world.listener.wait_for("customer.subscription.deleted")


def test_subscriptions_are_listed_by_status_in_pages(world: World) -> None:
    customer = world.customer()
    for _ in range(5):
        world.control("subscriptions", customer=customer.id, account_id="77")
    everything = [each.id for each in world.client.v1.subscriptions.list({"limit": 2}).auto_paging_iter()]
    assert len(set(everything)) == 5
    world.client.v1.subscriptions.cancel(everything[0])
    assert len(world.client.v1.subscriptions.list({"customer": customer.id}).data) == 4
    ended = world.client.v1.subscriptions.list({"status": "canceled"}).data
    assert [each.id for each in ended] == everything[:1]
    assert len(world.client.v1.subscriptions.list({"status": "all"}).data) == 5


def test_events_are_listed_by_type_and_from_a_cursor_on(world: World) -> None:
    first = world.customer()
    cursor = world.client.v1.events.list({"limit": 1}).data[0].id
    world.client.v1.customers.update(first.id, {"name": "A"})
    world.client.v1.customers.update(first.id, {"name": "B"})
    world.customer()
    newer = world.client.v1.events.list({"ending_before": cursor, "types": ["customer.updated"]})
    assert [event.data.object["name"] for event in newer.auto_paging_iter()] == ["A", "B"]
    assert world.client.v1.events.retrieve(cursor).type == "customer.created"


def test_a_webhook_is_tried_again_until_it_is_taken(world: World) -> None:
    world.listener.answer = 503
    world.customer()
    eventually(lambda: len(world.listener.heard) >= 2)
    world.listener.answer = 200
    eventually(lambda: requests.get(f"{world.url}/_sim", timeout=10).text.count("delivered") == 1)
    assert len({event["id"] for event in world.listener.heard}) == 1


def test_webhooks_can_be_lost_and_sent_again(world: World) -> None:
    world.control("deliveries/drop", count=1)
    world.customer()
    eventually(lambda: "dropped" in requests.get(f"{world.url}/_sim", timeout=10).text)
    assert world.listener.heard == []
    lost = world.client.v1.events.list().data[0]
    world.control(f"events/{lost.id}/deliver")
    assert world.listener.wait_for("customer.created")["id"] == lost.id


def test_it_goes_on_with_its_state_after_a_restart(tmp_path: Path) -> None:
    @contextmanager
    def running() -> Iterator[Any]:
        with serving() as server:
            server.application = create_simulator(tmp_path / "stripe.db", "http://127.0.0.1:9/", SECRET, server.url)
            yield server
            server.application.extensions["simulator"].courier.stop()

    with running() as first:
        customer = client_of(first.url).v1.customers.create({"email": "a@example.org"})
    with running() as second:
        assert client_of(second.url).v1.customers.retrieve(customer.id).email == "a@example.org"
        assert len(client_of(second.url).v1.prices.list().data) == 1


def test_every_key_status_and_event_type_is_one_that_the_sdk_knows(world: World) -> None:
    identifier = world.subscribed()
    world.control(f"subscriptions/{identifier}/fail")
    world.control(f"subscriptions/{identifier}/lapse")
    client = world.client.v1
    subscription = client.subscriptions.retrieve(identifier).to_dict()
    session = client.checkout.sessions.retrieve(
        client.events.list({"type": "checkout.session.completed"}).data[0].data.object["id"]
    )
    known: list[tuple[Any, dict[str, Any]]] = [
        (stripe.Subscription, subscription),
        (stripe.SubscriptionItem, subscription["items"]["data"][0]),
        (stripe.Price, subscription["items"]["data"][0]["price"]),
        (stripe.Product, client.products.list().data[0].to_dict()),
        (stripe.Customer, client.customers.retrieve(subscription["customer"]).to_dict()),
        (stripe.Invoice, client.invoices.retrieve(subscription["latest_invoice"]).to_dict()),
        (stripe.checkout.Session, session.to_dict()),
        (
            stripe.billing_portal.Session,
            client.billing_portal.sessions.create({"customer": subscription["customer"]}).to_dict(),
        ),
        (stripe.Event, client.events.list().data[0].to_dict()),
    ]
    for shape, thing in known:
        assert set(thing) <= set(shape.__annotations__), shape.__name__
    event_types = set(re.findall(r"'([a-z_.]+)'", str(stripe.Event.__annotations__["type"])))
    emitted = {event.type for event in client.events.list({"limit": 100}).data}
    assert emitted
    assert emitted <= event_types
