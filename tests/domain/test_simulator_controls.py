"""Time, loss and repetition, as the controls of the simulated Stripe make them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.stripe_world import World, eventually, running_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as found:
        yield found


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


def test_a_scheduled_end_is_reached_at_the_end_of_the_period(world: World) -> None:
    identifier = world.subscribed()
    world.client.v1.subscriptions.update(identifier, {"cancel_at_period_end": True})
    world.control(f"subscriptions/{identifier}/renew")
    assert world.client.v1.subscriptions.retrieve(identifier).status == "canceled"
    world.listener.wait_for("customer.subscription.deleted")


def test_a_webhook_is_tried_again_until_it_is_taken(world: World) -> None:
    world.listener.answer = 503
    world.customer()
    eventually(lambda: len(world.listener.heard) >= 2)
    world.listener.answer = 200
    eventually(lambda: requests.get(f"{world.url}/_sim", timeout=10).text.count("delivered") == 1)
    assert len({event["id"] for event in world.listener.heard}) == 1


def test_webhooks_can_be_lost_and_sent_again(world: World) -> None:
    world.control("knobs", drop_next=1)
    world.customer()
    eventually(lambda: "dropped" in requests.get(f"{world.url}/_sim", timeout=10).text)
    assert world.listener.heard == []
    lost = world.client.v1.events.list().data[0]
    world.control(f"events/{lost.id}/deliver")
    assert world.listener.wait_for("customer.created")["id"] == lost.id


def test_a_trial_costs_nothing_until_its_end(world: World) -> None:
    form = {"customer": world.customer().id, "trial_days": "14"}
    begun = requests.post(f"{world.url}/_sim/subscriptions", data=form, timeout=10).json()
    assert begun["status"] == "trialing"
    assert begun["trial_end"] - begun["trial_start"] == 14 * 24 * 3600
    world.control(f"subscriptions/{begun['id']}/renew")
    renewed = world.client.v1.subscriptions.retrieve(begun["id"])
    assert renewed.status == "active"
    assert world.client.v1.invoices.retrieve(renewed.latest_invoice).status == "paid"
