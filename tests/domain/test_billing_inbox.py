"""One change, told whole and as a notice, once or ten times: kept once, followed once."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from app.billing import inbox
from app.billing.inbox import EventOutcome
from app.db import Database
from app.gateway import events
from app.models import Job, StripeEvent, StripeSync

SUBSCRIPTION = ("subscription", "sub_1")
WHOLE = {
    "id": "evt_whole",
    "object": "event",
    "type": "customer.subscription.updated",
    "livemode": False,
    "created": 1_795_000_000,
    "data": {"object": {"id": "sub_1", "object": "subscription"}},
}
NOTICE = {
    "id": "evt_thin",
    "object": "v2.core.event",
    "type": "v1.customer.subscription.updated",
    "livemode": False,
    "created": "2026-11-22T12:00:00Z",
    "related_object": {"id": "sub_1", "type": "subscription", "url": "/v1/subscriptions/sub_1"},
    "snapshot_event": "evt_whole",
}


def receive(database: Database, document: dict[str, Any], source: str = "webhook") -> EventOutcome:
    body = json.dumps(document).encode()
    with database.transaction() as session:
        return inbox.receive(session, events.parse(body), body, live=False, source=source)


def requested(database: Database) -> int:
    with database.reading() as session:
        return session.get_one(StripeSync, SUBSCRIPTION).requested_seq


@pytest.mark.parametrize("order", [(WHOLE, NOTICE), (NOTICE, WHOLE)], ids=["whole first", "notice first"])
def test_the_same_change_told_in_both_forms_counts_once(database: Database, order: tuple[dict[str, Any], ...]) -> None:
    assert [receive(database, document) for document in order] == [EventOutcome.QUEUED, EventOutcome.DUPLICATE]
    assert [receive(database, document) for document in order] == [EventOutcome.DUPLICATE] * 2
    assert requested(database) == 1


def test_notices_of_other_changes_each_count(database: Database) -> None:
    for number in range(3):
        other = NOTICE | {"id": f"evt_{number}", "snapshot_event": f"evt_of_{number}"}
        assert receive(database, other) is EventOutcome.QUEUED
    assert receive(database, NOTICE | {"id": "evt_alone", "snapshot_event": None}) is EventOutcome.QUEUED
    assert requested(database) == 4


def test_what_was_polled_and_then_delivered_counts_once(database: Database) -> None:
    assert receive(database, WHOLE, "poll") is EventOutcome.QUEUED
    assert receive(database, WHOLE) is EventOutcome.DUPLICATE
    with database.reading() as session:
        assert session.get_one(StripeEvent, "evt_whole").source == "poll"


def test_a_burst_leaves_one_job(database: Database) -> None:
    for number in range(8):
        receive(database, WHOLE | {"id": f"evt_{number}"})
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 1
        assert session.scalar(select(func.count()).select_from(StripeEvent)) == 8
    assert requested(database) == 8


def test_what_is_ignored_is_kept_with_the_reason(database: Database) -> None:
    assert receive(database, WHOLE | {"livemode": True}) is EventOutcome.IGNORED_MODE
    assert receive(database, WHOLE | {"id": "evt_2", "type": "invoice.created"}) is EventOutcome.IGNORED_TYPE
    assert receive(database, NOTICE | {"id": "evt_3", "context": "acct_2"} | {"snapshot_event": None}) is (
        EventOutcome.IGNORED_ACCOUNT
    )
    with database.reading() as session:
        states = select(StripeEvent.state).order_by(StripeEvent.id)
        assert session.scalars(states).all() == ["ignored_type", "ignored_account", "ignored_mode"]
        assert session.scalar(select(func.count()).select_from(Job)) == 0
