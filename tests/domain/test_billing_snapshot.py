"""Stripe's shapes, old and new, tell the same facts."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.gateway.snapshot import SubscriptionItem, SubscriptionSnapshot, normalise_subscription
from app.gateway.values import MalformedObject

START, END = 1_795_000_000, 1_797_592_000
BASE: dict[str, Any] = {
    "id": "sub_1",
    "object": "subscription",
    "customer": "cus_1",
    "status": "active",
    "livemode": False,
    "metadata": {"account_id": "77"},
    "cancel_at": None,
    "cancel_at_period_end": False,
    "canceled_at": None,
    "ended_at": None,
    "trial_end": None,
}
PLAN = {"id": "price_1", "object": "plan", "product": "prod_1"}
PRICE = {"id": "price_1", "object": "price", "product": "prod_1"}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def in_2017(**facts: Any) -> dict[str, Any]:
    """Period and plan on the subscription, no pause."""
    return {**BASE, "current_period_start": START, "current_period_end": END, "plan": PLAN, "start": START, **facts}


def in_2020(**facts: Any) -> dict[str, Any]:
    """Period on the subscription, price on the items."""
    items = {"data": [{"id": "si_1", "price": PRICE, "plan": PLAN}], "has_more": False}
    period = {"current_period_start": START, "current_period_end": END}
    return {**BASE, "items": items, "pause_collection": None, "start_date": START, **period, **facts}


def in_2026(**facts: Any) -> dict[str, Any]:
    """Period on the items, no plan."""
    period = {"current_period_start": START, "current_period_end": END}
    items = {"data": [{"id": "si_1", "price": PRICE, **period}], "has_more": False}
    return {**BASE, "items": items, "pause_collection": None, "start_date": START, **facts}


EXPECTED = SubscriptionSnapshot(
    id="sub_1",
    customer="cus_1",
    account_reference="77",
    status="active",
    livemode=False,
    started_at=at(START),
    items=(SubscriptionItem("prod_1", "price_1", at(END)),),
    cancel_at=None,
    ended_at=None,
    trial_end=None,
    pause_behavior=None,
    latest_invoice=None,
)


@pytest.mark.parametrize("shape", [in_2017, in_2020, in_2026])
def test_every_shape_gives_the_same_snapshot(shape: Any) -> None:
    assert normalise_subscription(shape()) == EXPECTED


@pytest.mark.parametrize("shape", [in_2017, in_2020, in_2026])
def test_both_ways_to_schedule_an_end_are_one(shape: Any) -> None:
    by_flag = normalise_subscription(shape(cancel_at_period_end=True))
    by_time = normalise_subscription(shape(cancel_at=END))
    assert by_flag.cancel_at == by_time.cancel_at == at(END)


@given(
    status=st.text(min_size=1, max_size=20),
    cancel_at=st.none() | st.integers(0, 2**33),
    ended_at=st.none() | st.integers(0, 2**33),
    trial_end=st.none() | st.integers(0, 2**33),
    cancel_at_period_end=st.booleans(),
)
def test_the_same_facts_in_any_shape_are_equal(**facts: Any) -> None:
    old, middle, new = (normalise_subscription(shape(**facts)) for shape in (in_2017, in_2020, in_2026))
    assert old == middle == new


def test_expanded_references_are_read_by_their_id() -> None:
    expanded = in_2026(customer={"id": "cus_1", "object": "customer"})
    expanded["items"]["data"][0]["price"] = {**PRICE, "product": {"id": "prod_1", "object": "product"}}
    assert normalise_subscription(expanded) == EXPECTED


def test_a_customer_of_the_second_generation_is_a_customer() -> None:
    assert normalise_subscription(in_2026(customer=None, customer_account="acct_9")).customer == "acct_9"


def test_a_pause_keeps_its_behavior() -> None:
    paused = normalise_subscription(in_2026(pause_collection={"behavior": "void", "resumes_at": None}))
    assert paused.pause_behavior == "void"


def test_only_items_on_the_list_grant() -> None:
    snapshot = normalise_subscription(in_2026())
    assert snapshot.granting_items(["prod_1"]) == snapshot.granting_items(["price_1"]) == EXPECTED.items
    assert snapshot.granting_items(["prod_2"]) == snapshot.granting_items([]) == ()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**BASE, "status": None},
        {**BASE, "id": 5},
        {**BASE, "items": {"data": ["x"]}},
        {**BASE, "ended_at": "yesterday"},
        {**BASE, "ended_at": 10**30},
        {key: value for key, value in BASE.items() if key != "livemode"},
    ],
)
def test_what_is_not_a_subscription_is_refused_by_name(broken: dict[str, Any]) -> None:
    with pytest.raises(MalformedObject):
        normalise_subscription(broken)
