"""The way between the simulated Stripe and its listener, and the ways in which it is made to go wrong."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import stripe

from app.simulator import faults, knobs
from tests.support.repository import REPOSITORY
from tests.support.stripe_world import SECRET, World, eventually, running_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as found:
        yield found


def states(world: World) -> str:
    return requests.get(f"{world.url}/_sim", timeout=10).text


def test_a_thin_event_names_its_object_and_its_snapshot(world: World) -> None:
    world.control("knobs", form=1)
    customer = world.customer()
    world.control(f"customers/{customer.id}/methods", type="card", number="4242424242424242")
    world.listener.wait_for("v1.payment_method.attached")
    place = world.listener.types().index("v1.payment_method.attached")
    body, header = world.listener.bodies[place], world.listener.headers[place]
    told = world.client.parse_event_notification(body, header, SECRET)
    assert type(told).__name__ == "V1PaymentMethodAttachedEventNotification"
    assert told.fetch_related_object().customer == customer.id
    raw = world.listener.heard[place]
    snapshot = world.client.v1.events.retrieve(raw["snapshot_event"])
    assert (snapshot.type, snapshot.data.object["id"]) == ("payment_method.attached", told.related_object.id)
    assert told.fetch_event().snapshot_event == snapshot.id
    assert {each["object"] for each in world.listener.heard} == {"v2.core.event"}


def test_both_forms_of_one_event_have_ids_of_their_own(world: World) -> None:
    world.control("knobs", form=2)
    world.customer()
    thin = world.listener.wait_for("v1.customer.created")
    snapshot = world.listener.wait_for("customer.created")
    assert thin["snapshot_event"] == snapshot["id"] != thin["id"]


def test_both_secrets_sign_while_one_is_being_rolled(world: World) -> None:
    world.control("secrets/roll", secret="whsec_new")
    world.customer()
    world.listener.wait_for("customer.created")
    assert world.listener.headers[-1].count("v1=") == 2
    verify = stripe.WebhookSignature.verify_header
    for secret in (SECRET, "whsec_new"):
        assert verify(world.listener.bodies[-1], world.listener.headers[-1], secret, tolerance=300)
    world.listener.secrets = ["whsec_new"]
    world.control("secrets/retire")
    world.customer()
    world.listener.wait_for("customer.created", 2)
    assert world.listener.headers[-1].count("v1=") == 1


def test_webhooks_come_twice(world: World) -> None:
    world.control("knobs", double_next=1)
    world.customer()
    world.customer()
    world.listener.wait_for("customer.created", 3)
    first, second, third = (event["id"] for event in world.listener.heard)
    assert first == second != third


def test_webhooks_come_in_another_order(world: World) -> None:
    world.control("knobs", shuffle_ms=300)
    for _ in range(30):
        world.customer()
    world.listener.wait_for("customer.created", 30)
    heard = [event["id"] for event in world.listener.heard]
    sent = [event.id for event in world.client.v1.events.list({"limit": 30}).data][::-1]
    assert sorted(heard) == sorted(sent)
    assert heard != sent


def test_webhooks_come_late(world: World) -> None:
    world.control("knobs", delay_ms=120_000)
    world.customer()
    assert world.listener.heard == []
    world.control("clock/advance", seconds=120)
    world.listener.wait_for("customer.created")


def test_time_can_be_put_forward_to_the_next_attempt(world: World) -> None:
    world.listener.answer = 500
    world.customer()
    heard = world.listener.heard
    while len(heard) < 8:  # the last of them is more than a minute after the one before
        before = len(heard)
        world.control("clock/advance", seconds=3600)
        eventually(lambda: len(heard) > before)  # noqa: B023 (called here and now)


def test_it_gives_up_after_three_days(world: World) -> None:
    world.listener.answer = 500
    world.customer()

    def given_up_a_day_later() -> bool:
        world.control("clock/advance", seconds=24 * 3600)
        return "given_up" in states(world)

    eventually(given_up_a_day_later, 30)
    (lost,) = world.client.v1.events.list({"delivery_success": False}).data
    assert lost.type == "customer.created"


def test_nothing_is_ever_sent_for_what_happened_while_the_endpoint_was_disabled(world: World) -> None:
    world.control("knobs", disabled=1)
    world.customer()
    world.control("knobs", disabled=0)
    later = world.customer()
    world.listener.wait_for("customer.created")
    assert [event["data"]["object"]["id"] for event in world.listener.heard] == [later.id]
    # what was heard is noted down a moment later
    eventually(lambda: len(world.client.v1.events.list({"delivery_success": False}).data) == 1)
    assert len(world.client.v1.events.list().data) == 2


def test_events_can_say_another_mode_and_another_account(world: World) -> None:
    world.control("knobs", live_events=1)
    world.customer()
    assert world.listener.wait_for("customer.created")["livemode"]
    world.control("knobs", live_events=0, foreign_events=1, form=2)
    world.customer()
    told = world.listener.wait_for("customer.created", 2)
    assert told["account"].startswith("acct_")
    assert not told["livemode"]
    assert world.listener.wait_for("v1.customer.created")["context"] == told["account"]


@pytest.mark.parametrize(("knob", "status"), [("fail_next", 500), ("busy_next", 429), ("lose_answer_next", 502)])
def test_calls_fail_as_often_as_they_are_told_to(world: World, knob: str, status: int) -> None:
    world.control("knobs", **{knob: 2})
    for _ in range(2):
        with pytest.raises(stripe.StripeError) as refused:
            world.customer()
        assert refused.value.http_status == status
    world.customer()
    assert len(world.client.v1.customers.list().data) == (3 if knob == "lose_answer_next" else 1)


def test_an_answer_that_was_lost_is_given_to_who_asks_with_the_same_key(world: World) -> None:
    world.control("knobs", lose_answer_next=1)
    options = {"idempotency_key": "account:77:customer:0"}
    with pytest.raises(stripe.APIError):
        world.client.v1.customers.create({"email": "a@example.org"}, options)
    world.client.v1.customers.create({"email": "a@example.org"}, options)
    assert len(world.client.v1.customers.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        world.client.v1.customers.create({"email": "b@example.org"}, options)


def test_calls_are_slow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = list[float]()
    monkeypatch.setattr(faults, "time", SimpleNamespace(sleep=waited.append))
    world.control("knobs", slow_next=1, slow_ms=300)
    for _call in range(2):
        world.client.v1.customers.list()
    assert waited == [0.3]


def test_objects_can_say_another_mode(world: World) -> None:
    customer = world.customer()
    world.control("knobs", live_objects=1)
    assert world.client.v1.customers.retrieve(customer.id).livemode


def test_more_calls_within_a_second_than_the_limit_are_refused_and_all_are_counted(world: World) -> None:
    world.control("requests/forget")
    world.control("knobs", rate_limit=5)
    refused = 0
    for _ in range(10):
        try:
            world.client.v1.prices.list()
        except stripe.RateLimitError:
            refused += 1
    assert refused > 0
    world.client.v1.products.list()
    report = requests.get(f"{world.url}/_sim/requests", timeout=10).json()
    assert report["GET /v1/prices"]["total"] == 10
    assert sum(report["GET /v1/prices"]["seconds"].values()) == 10
    assert report["GET /v1/prices"]["peak_per_second"] > 5
    assert report["GET /v1/products"]["total"] == 1


def test_the_knobs_are_shown_and_put_back(world: World) -> None:
    world.control("knobs", delay_ms=1, fail_next=3)
    shown: dict[str, Any] = requests.get(f"{world.url}/_sim/knobs", timeout=10).json()
    assert (shown["delay_ms"], shown["fail_next"], shown["drop_next"]) == (1, 3, 0)
    world.control("knobs/reset")
    assert set(requests.get(f"{world.url}/_sim/knobs", timeout=10).json().values()) == {0}
    assert requests.post(f"{world.url}/_sim/knobs", data={"form": 3}, timeout=10).status_code == 400


def test_events_are_asked_for_by_many_types_by_time_and_not_by_more_than_twenty(world: World) -> None:
    customer = world.customer()
    world.client.v1.customers.update(customer.id, {"name": "A"})
    listing = world.client.v1.events.list
    assert len(listing({"types": ["customer.created", "customer.updated", "invoice.paid"]}).data) == 2
    moment = listing().data[0].created
    assert len(listing({"created": {"gte": moment - 60}}).data) == 2
    assert not listing({"created": {"gt": moment + 60}}).data
    with pytest.raises(stripe.InvalidRequestError):
        listing({"types": ["customer.created"] * 21})


def test_a_cursor_that_time_took_is_refused(world: World) -> None:
    world.customer()
    cursor = world.client.v1.events.list().data[0].id
    world.customer()
    world.control("events/forget", keep=1)
    assert len(world.client.v1.events.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.client.v1.events.list({"ending_before": cursor})
    assert (refused.value.code, refused.value.param) == ("resource_missing", "ending_before")


def test_every_knob_and_control_is_in_the_manual(world: World) -> None:
    manual = (REPOSITORY / "docs/simulator.md").read_text()
    for name in knobs.ALL:
        assert f"`{name}`" in manual
    for rule in world.app.url_map.iter_rules():
        if rule.rule.startswith("/_sim/") and "POST" in (rule.methods or ()):
            words = [part for part in rule.rule.split("/")[2:] if not part.startswith("<")]
            assert all(word in manual for word in words), rule
