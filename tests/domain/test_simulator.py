"""The stand-in for Stripe, called by the official SDK over real sockets and calling back over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from app.gateway.snapshot import normalise_subscription
from app.simulator import SimulatorRefused, create_simulator
from config.settings import SIMULATED_PRICE
from tests.support.loopback import serving
from tests.support.stripe_world import SECRET, Listener, World, client_of, running_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as found:
        yield found


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


def test_it_may_live_below_a_path_of_another_application(tmp_path: Path) -> None:
    with serving() as server:
        below = f"{server.url}/simulator"
        simulator = create_simulator(tmp_path / "stripe.db", "http://127.0.0.1:9/", SECRET, below)
        server.application = DispatcherMiddleware(Response(status=404), {"/simulator": simulator})
        world = World(client_of(below), Listener(), below, simulator)
        identifier = world.subscribed()
        world.control(f"subscriptions/{identifier}/fail")
        assert world.client.v1.subscriptions.retrieve(identifier).status == "past_due"
        simulator.extensions["simulator"].courier.stop()
