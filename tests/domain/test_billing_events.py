"""What each event is about, whole or as a bare notice: the table of Stripe's events, row by row."""

import json
from typing import Any

import pytest

from app.gateway import events
from app.gateway.events import FOLLOWED, Hint, NotAnEvent

INVOICE_NOW = {"id": "in_1", "parent": {"subscription_details": {"subscription": "sub_1"}}}
INVOICE_ONCE = {"id": "in_1", "subscription": "sub_1", "charge": "ch_1"}
SUBSCRIPTION, CHARGE, CUSTOMER = ("subscription", "sub_1"), ("charge", "ch_1"), ("customer", "cus_1")
SESSION, METHOD = ("checkout.session", "cs_1"), ("payment_method", "pm_1")

WHOLE: list[tuple[str, dict[str, Any], set[Hint]]] = [
    *(
        (f"customer.subscription.{verb}", {"id": "sub_1"}, {SUBSCRIPTION})
        for verb in (
            "created",
            "updated",
            "deleted",
            "paused",
            "resumed",
            "trial_will_end",
            "pending_update_expired",
        )
    ),
    ("checkout.session.completed", {"id": "cs_1", "subscription": "sub_1"}, {SESSION}),
    ("checkout.session.async_payment_succeeded", {"id": "cs_1"}, {SESSION}),
    ("checkout.session.async_payment_failed", {"id": "cs_1"}, {SESSION}),
    ("invoice.finalized", INVOICE_NOW, {SUBSCRIPTION}),
    ("invoice.paid", INVOICE_NOW, {SUBSCRIPTION}),
    ("invoice.paid", INVOICE_ONCE, {SUBSCRIPTION, CHARGE}),
    ("invoice.paid", {"id": "in_1", "parent": None}, set()),
    ("invoice.payment_failed", INVOICE_NOW, {SUBSCRIPTION}),
    ("invoice.payment_action_required", INVOICE_NOW, {SUBSCRIPTION}),
    ("invoice.voided", INVOICE_NOW, {SUBSCRIPTION}),
    ("invoice.marked_uncollectible", INVOICE_NOW, {SUBSCRIPTION}),
    ("charge.succeeded", {"id": "ch_1"}, {CHARGE}),
    ("charge.refunded", {"id": "ch_1"}, {CHARGE}),
    ("refund.created", {"id": "re_1", "charge": "ch_1"}, {CHARGE}),
    ("refund.updated", {"id": "re_1", "charge": {"id": "ch_1"}}, {CHARGE}),
    ("refund.failed", {"id": "re_1", "charge": "ch_1"}, {CHARGE}),
    ("charge.dispute.created", {"id": "du_1", "charge": "ch_1"}, {CHARGE}),
    ("charge.dispute.updated", {"id": "du_1", "charge": "ch_1"}, {CHARGE}),
    ("charge.dispute.funds_withdrawn", {"id": "du_1", "charge": "ch_1"}, {CHARGE}),
    ("charge.dispute.closed", {"id": "du_1", "charge": "ch_1"}, {CHARGE}),
    ("charge.dispute.funds_reinstated", {"id": "du_1", "charge": "ch_1"}, {CHARGE}),
    ("radar.early_fraud_warning.created", {"id": "issfr_1", "charge": "ch_1"}, {CHARGE}),
    ("customer.updated", {"id": "cus_1"}, {CUSTOMER}),
    ("customer.deleted", {"id": "cus_1"}, {CUSTOMER}),
    ("payment_method.attached", {"id": "pm_1"}, {METHOD}),
    ("payment_method.updated", {"id": "pm_1"}, {METHOD}),
    ("payment_method.automatically_updated", {"id": "pm_1"}, {METHOD}),
    ("payment_method.detached", {"id": "pm_1"}, {METHOD}),
    ("setup_intent.succeeded", {"id": "seti_1", "payment_method": "pm_1"}, {METHOD}),
    ("entitlements.active_entitlement_summary.updated", {"customer": "cus_1"}, {CUSTOMER}),
    ("invoice.created", INVOICE_NOW, set()),
    ("something.new", {"id": "x_1"}, set()),
]
# a notice has only the id of its object: those that point elsewhere are asked where
NOTICES: list[tuple[str, tuple[str, str] | None, set[Hint]]] = [
    ("v1.customer.subscription.updated", SUBSCRIPTION, {SUBSCRIPTION}),
    ("v1.customer.subscription.past_due", SUBSCRIPTION, {SUBSCRIPTION}),
    ("v1.customer.subscription.cancel_at_changed", SUBSCRIPTION, {SUBSCRIPTION}),
    ("v1.checkout.session.completed", SESSION, {SESSION}),
    ("v1.invoice.paid", ("invoice", "in_1"), {("invoice", "in_1")}),
    ("v1.charge.refunded", CHARGE, {CHARGE}),
    ("v1.refund.updated", ("refund", "re_1"), {("refund", "re_1")}),
    ("v1.charge.dispute.created", ("dispute", "du_1"), {("dispute", "du_1")}),
    (
        "v1.radar.early_fraud_warning.created",
        ("radar.early_fraud_warning", "issfr_1"),
        {("radar.early_fraud_warning", "issfr_1")},
    ),
    ("v1.customer.deleted", CUSTOMER, {CUSTOMER}),
    ("v1.payment_method.attached", METHOD, {METHOD}),
    ("v1.setup_intent.succeeded", ("setup_intent", "seti_1"), {("setup_intent", "seti_1")}),
    ("v1.entitlements.active_entitlement_summary.entitlement_added", None, {("event", "evt_whole")}),
    ("v1.something.new", ("something", "x_1"), set()),
    ("v2.core.account.updated", ("account", "acct_1"), set()),
]


def whole(kind: str, subject: dict[str, Any]) -> dict[str, Any]:
    created = {"id": "evt_1", "object": "event", "type": kind, "livemode": False, "created": 1_795_000_000}
    return created | {"data": {"object": subject}}


def notice(kind: str, related: tuple[str, str] | None, **values: Any) -> dict[str, Any]:
    thin = {"id": "evt_thin", "object": "v2.core.event", "type": kind, "livemode": False, "snapshot_event": "evt_whole"}
    if related:
        # the address is Stripe's to give and not ours to follow
        thin["related_object"] = {"type": related[0], "id": related[1], "url": "https://elsewhere.example/v1/x"}
    return thin | {"created": "2026-11-22T12:00:00.000Z"} | values


def parsed(document: dict[str, Any]) -> events.Event:
    return events.parse(json.dumps(document).encode())


@pytest.mark.parametrize(("kind", "subject", "hints"), WHOLE, ids=[row[0] for row in WHOLE])
def test_a_whole_event_hints_at(kind: str, subject: dict[str, Any], hints: set[Hint]) -> None:
    assert parsed(whole(kind, subject)).hints == hints


@pytest.mark.parametrize(("kind", "related", "hints"), NOTICES, ids=[row[0] for row in NOTICES])
def test_a_notice_hints_at(kind: str, related: tuple[str, str] | None, hints: set[Hint]) -> None:
    event = parsed(notice(kind, related))
    assert event.hints == hints
    assert event.snapshot_event == "evt_whole"


def test_every_event_that_is_followed_is_in_the_table() -> None:
    in_pairs = {kind.replace(".updated", ".entitlement_added") for kind, *_ in WHOLE if "entitlement" in kind}
    in_pairs |= {kind.replace("_added", "_removed") for kind in in_pairs}
    assert FOLLOWED.keys() <= {kind for kind, *_ in WHOLE} | in_pairs


def test_every_event_that_is_followed_is_one_of_stripes() -> None:
    from stripe.events._event_classes import _V2_EVENT_CLASS_LOOKUP as NAMES

    assert {f"v1.{kind}" for kind in FOLLOWED} <= NAMES.keys()


@pytest.mark.parametrize("values", [{"account": "acct_other"}, {"context": "acct_other"}])
def test_an_event_of_another_account_is_foreign(values: dict[str, str]) -> None:
    assert parsed(notice("v1.customer.deleted", CUSTOMER, **values)).foreign
    assert not parsed(notice("v1.customer.deleted", CUSTOMER)).foreign


@pytest.mark.parametrize(
    "values",
    [
        {"related_object": "sub_1"},
        {"related_object": {"type": "subscription"}},
        {"related_object": {"type": "subscription", "id": 7}},
        {"snapshot_event": 7},
        {"created": "yesterday"},
        {"created": "0001-01-01T00:00:00+23:59"},
        {"livemode": None},
    ],
)
def test_a_notice_that_cannot_be_read_is_none(values: dict[str, Any]) -> None:
    with pytest.raises(NotAnEvent):
        parsed(notice("v1.customer.subscription.updated", SUBSCRIPTION, **values))


def test_what_was_fetched_reads_like_what_was_sent() -> None:
    document = whole("customer.deleted", {"id": "cus_1", "object": "customer"})
    assert events.read(document) == parsed(document)
    with pytest.raises(NotAnEvent):
        events.read({"id": "evt_1"})
