"""Events in the shapes of ten years: whatever version an endpoint is pinned to, what to ask about is read right."""

import json
from typing import Any

import pytest

from app.gateway import events
from app.gateway.events import Hint

PLAN_OF_2015 = {"id": "gold-monthly", "object": "plan", "amount": 500, "interval": "month", "name": "Gold"}
CARD_OF_2015 = {"id": "card_1", "object": "card", "brand": "Visa", "fingerprint": "f", "customer": "cus_1"}
SUBSCRIPTION, CHARGE, CUSTOMER = ("subscription", "sub_1"), ("charge", "ch_1"), ("customer", "cus_1")
YEARS: list[tuple[str, str, dict[str, Any], set[Hint]]] = [
    (
        "2015-10-16",
        "customer.subscription.updated",
        {"id": "sub_1", "object": "subscription", "plan": PLAN_OF_2015, "current_period_end": 1, "customer": "cus_1"},
        {SUBSCRIPTION},
    ),
    (
        "2015-10-16",
        "charge.refunded",
        {"id": "ch_1", "object": "charge", "card": CARD_OF_2015, "refunds": [{"id": "re_1", "object": "refund"}]},
        {CHARGE},
    ),
    (
        "2016-07-06",
        "invoice.payment_failed",
        {"id": "in_1", "object": "invoice", "subscription": "sub_1", "charge": "ch_1", "paid": False, "closed": False},
        {SUBSCRIPTION, CHARGE},
    ),
    (
        "2017-08-15",
        "invoice.paid",
        {"id": "in_1", "object": "invoice", "subscription": "sub_1", "charge": None, "billing": "charge_automatically"},
        {SUBSCRIPTION},
    ),
    (
        "2018-11-08",
        "charge.dispute.created",
        {"id": "dp_1", "object": "dispute", "charge": "ch_1", "balance_transaction": "txn_1", "evidence": {}},
        {CHARGE},
    ),
    (
        "2019-12-03",
        "customer.deleted",
        {"id": "cus_1", "object": "customer", "sources": {"data": [CARD_OF_2015]}},
        {CUSTOMER},
    ),
    (
        "2020-08-27",
        "invoice.voided",
        {"id": "in_1", "object": "invoice", "subscription": {"id": "sub_1", "object": "subscription"}, "charge": None},
        {SUBSCRIPTION},
    ),
    (
        "2022-11-15",
        "refund.updated",
        {"id": "re_1", "object": "refund", "charge": "ch_1", "payment_intent": "pi_1", "status": "pending"},
        {CHARGE},
    ),
    (
        "2023-10-16",
        "radar.early_fraud_warning.created",
        {"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1", "actionable": True},
        {CHARGE},
    ),
    (
        "2025-03-31.basil",
        "invoice.paid",
        {
            "id": "in_1",
            "object": "invoice",
            "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}},
        },
        {SUBSCRIPTION},
    ),
    (
        "2025-03-31.basil",
        "invoice.paid",
        {"id": "in_1", "object": "invoice", "parent": {"type": "quote_details"}},
        set(),
    ),
]


@pytest.mark.parametrize(("version", "kind", "subject", "hints"), YEARS, ids=[f"{row[0]} {row[1]}" for row in YEARS])
def test_an_event_of_its_year_says_what_to_ask_about(
    version: str, kind: str, subject: dict[str, Any], hints: set[Hint]
) -> None:
    # who asked for it was an id until 2017, and is an object since
    request = "req_1" if version < "2017" else {"id": "req_1", "idempotency_key": None}
    document = {
        "id": "evt_1",
        "object": "event",
        "api_version": version,
        "created": 1_450_000_000,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": request,
        "type": kind,
    }
    assert events.parse(json.dumps(document).encode()).hints == hints
