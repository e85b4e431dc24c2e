"""What is paid with, what is paid, and what comes back, as the simulated Stripe tells it to the official SDK."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT
from tests.support.stripe_tour import charge_of
from tests.support.stripe_world import World, running_world

FAILS, ASKS = "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as found:
        yield found


def card(world: World, number: str, customer: str | None = None, year: int = 2030) -> Any:
    method = world.client.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"number": number, "exp_month": 1, "exp_year": year},
            "billing_details": {"name": "Ada Lovelace", "email": "ada@example.org"},
        }
    )
    return world.client.v1.payment_methods.attach(method.id, {"customer": customer}) if customer else method


def subscribe(world: World, method: str) -> Any:
    customer = world.customer().id
    paid_with = world.client.v1.payment_methods.attach(method, {"customer": customer})
    return world.client.v1.subscriptions.create(
        {
            "customer": customer,
            "items": [{"price": SIMULATED_PRICE}],
            "default_payment_method": paid_with.id,
            "expand": ["latest_invoice.payments"],
        }
    )


def test_equal_numbers_have_equal_fingerprints_and_others_do_not(world: World) -> None:
    first, again = card(world, "4242 4242 4242 4242"), card(world, "4242424242424242", year=2035)
    other = card(world, "5555555555554444")
    assert first.card.fingerprint == again.card.fingerprint != other.card.fingerprint
    assert re.fullmatch("[0-9A-Za-z]{16}", first.card.fingerprint)
    assert (other.card.brand, other.card.last4) == ("mastercard", "4444")


def test_a_method_is_attached_listed_and_detached(world: World) -> None:
    customer = world.customer().id
    method = card(world, "4242424242424242", customer)
    query = {"customer": customer, "type": "card"}
    assert [each.id for each in world.client.v1.payment_methods.list(query).data] == [method.id]
    assert [each.id for each in world.client.v1.customers.payment_methods.list(customer).data] == [method.id]
    assert not world.client.v1.payment_methods.list({"customer": customer, "type": "sepa_debit"}).data
    assert world.client.v1.payment_methods.detach(method.id).customer is None
    world.listener.wait_for("payment_method.attached")
    gone = world.listener.wait_for("payment_method.detached")
    assert gone["data"]["previous_attributes"] == {"customer": customer}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"type": "bacs_debit", "sort_code": "108800", "account_number": "00012345"}, "fingerprint"),
        ({"type": "sepa_debit", "iban": "DE89370400440532013000"}, "fingerprint"),
        ({"type": "paypal", "payer_id": "QWERTY"}, "payer_id"),
        ({"type": "link", "email": "ada@example.org"}, "persistent_token"),
    ],
)
def test_other_instruments_have_their_own_marks(world: World, form: dict[str, str], field: str) -> None:
    methods = []
    for _ in range(2):
        customer = world.customer().id
        world.control(f"customers/{customer}/methods", **form)
        methods += world.client.v1.payment_methods.list({"customer": customer}).data
    first, second = (each.to_dict()[form["type"]][field] for each in methods)
    assert first
    assert first == second


def test_checkout_leaves_a_card_a_name_and_a_charge(world: World) -> None:
    session = world.checkout(world.customer())
    world.pay(session, number="4000 0566 5566 5556", name="Ada Lovelace")
    done = world.client.v1.checkout.sessions.retrieve(session.id)
    assert done.customer_details.name == "Ada Lovelace"
    charge = charge_of(world, done.subscription)
    assert (charge.status, charge.paid, charge.refunded, charge.disputed) == ("succeeded", True, False, False)
    assert charge.billing_details.name == "Ada Lovelace"
    method = world.client.v1.payment_methods.retrieve(charge.payment_method)
    assert charge.payment_method_details.card.fingerprint == method.card.fingerprint
    query = {"payment": {"type": "payment_intent", "payment_intent": charge.payment_intent}}
    (payment,) = world.client.v1.invoice_payments.list(query).data
    assert (payment.invoice, payment.status) == (done.invoice, "paid")
    world.listener.wait_for("checkout.session.completed")
    assert {"charge.succeeded", "payment_method.attached"} <= set(world.listener.types())


def test_checkout_saves_the_name_where_it_may(world: World) -> None:
    customer = world.customer()
    wanted = {"mode": "setup", "customer": customer.id, "customer_update": {"name": "auto"}, "currency": "gbp"}
    session = world.client.v1.checkout.sessions.create(wanted)
    world.pay(session, name="Ada Lovelace")
    assert world.client.v1.customers.retrieve(customer.id).name == "Ada Lovelace"
    world.listener.wait_for("setup_intent.succeeded")
    intent = world.client.v1.setup_intents.retrieve(session.setup_intent, {"expand": ["payment_method"]})
    assert (intent.status, intent.payment_method.customer) == ("succeeded", customer.id)


def test_the_portal_changes_the_card(world: World) -> None:
    identifier = world.subscribed()
    subscription = world.client.v1.subscriptions.retrieve(identifier)
    portal = world.client.v1.billing_portal.sessions.create({"customer": subscription.customer})
    form = {"action": "change_card", "number": "5555 5555 5555 4444", "name": "Ada"}
    assert "4444" in requests.post(portal.url, data=form, timeout=10).text
    after = world.client.v1.subscriptions.retrieve(identifier, {"expand": ["default_payment_method"]})
    assert after.default_payment_method.card.last4 == "4444"


def test_a_confirmation_token_shows_the_fingerprint_before_any_charge(world: World) -> None:
    customer = world.customer().id
    made = world.client.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    preview = world.client.v1.confirmation_tokens.retrieve(made.id).payment_method_preview
    assert preview.card.fingerprint == card(world, "4242424242424242").card.fingerprint
    assert not world.client.v1.payment_methods.list({"customer": customer}).data
    wanted = {"customer": customer, "confirm": True, "confirmation_token": made.id}
    intent = world.client.v1.setup_intents.create(wanted)
    (kept,) = world.client.v1.payment_methods.list({"customer": customer}).data
    assert (intent.status, intent.payment_method) == ("succeeded", kept.id)


def test_a_declined_card_cannot_be_attached(world: World) -> None:
    with pytest.raises(stripe.CardError) as refused:
        card(world, "4000000000000002", world.customer().id)
    assert refused.value.code == "card_declined"


def test_a_card_that_fails_leaves_the_subscription_incomplete(world: World) -> None:
    subscription = subscribe(world, FAILS)
    assert (subscription.status, subscription.latest_invoice.status) == ("incomplete", "open")
    (payment,) = subscription.latest_invoice.payments.data
    intent = world.client.v1.payment_intents.retrieve(payment.payment.payment_intent)
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", "card_declined")
    world.listener.wait_for("invoice.payment_failed")
    world.control(f"subscriptions/{subscription.id}/expire")
    assert world.client.v1.subscriptions.retrieve(subscription.id).status == "incomplete_expired"
    world.listener.wait_for("invoice.voided")


@pytest.mark.parametrize(("answer", "status"), [("yes", "active"), ("no", "incomplete")])
def test_a_bank_that_asks_is_answered_on_its_page(world: World, answer: str, status: str) -> None:
    subscription = subscribe(world, ASKS)
    assert subscription.status == "incomplete"
    world.listener.wait_for("invoice.payment_action_required")
    (payment,) = subscription.latest_invoice.payments.data
    intent = world.client.v1.payment_intents.retrieve(payment.payment.payment_intent)
    page = intent.next_action.redirect_to_url.url
    assert "Your bank asks" in requests.get(page, timeout=10).text
    requests.post(page, data={"answer": answer}, timeout=10).raise_for_status()
    assert world.client.v1.subscriptions.retrieve(subscription.id).status == status


def test_money_is_refunded_in_part_and_then_whole_and_not_twice(world: World) -> None:
    charge = charge_of(world, world.subscribed())
    refunds = world.client.v1.refunds
    part = refunds.create({"charge": charge.id, "amount": 100})
    assert world.client.v1.charges.retrieve(charge.id).to_dict()["amount_refunded"] == 100
    refunds.create({"payment_intent": charge.payment_intent})
    whole = world.client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (whole.refunded, whole.amount_refunded, len(whole.refunds.data)) == (True, 499, 2)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_already_refunded"
    world.control(f"refunds/{part.id}/fail")
    assert not world.client.v1.charges.retrieve(charge.id).refunded
    for kind in ("refund.created", "charge.refunded", "refund.updated", "refund.failed"):
        world.listener.wait_for(kind)


def test_a_dispute_is_opened_and_won(world: World) -> None:
    charge = charge_of(world, world.subscribed())
    world.control(f"charges/{charge.id}/dispute", status="needs_response")
    (dispute,) = world.client.v1.disputes.list({"charge": charge.id}).data
    assert world.client.v1.charges.retrieve(charge.id).disputed
    world.control(f"disputes/{dispute.id}/move", status="won")
    assert world.client.v1.disputes.retrieve(dispute.id).status == "won"
    for kind in ("charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_reinstated"):
        world.listener.wait_for(kind)


def test_a_fraud_warning_is_settled_by_a_refund(world: World) -> None:
    charge = charge_of(world, world.subscribed())
    world.control(f"charges/{charge.id}/warn", fraud_type="made_with_stolen_card")
    (warning,) = world.client.v1.radar.early_fraud_warnings.list({"charge": charge.id}).data
    assert warning.actionable
    world.client.v1.refunds.create({"charge": charge.id})
    assert not world.client.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable
    world.listener.wait_for("radar.early_fraud_warning.created")


def test_a_reissued_card_stays_the_same_method(world: World) -> None:
    method = card(world, "4242424242424242", world.customer().id)
    world.control(f"methods/{method.id}/reissue", number="5555555555554444")
    assert world.client.v1.payment_methods.retrieve(method.id).card.fingerprint != method.card.fingerprint
    world.listener.wait_for("payment_method.automatically_updated")


def test_entitlements_follow_the_subscription(world: World) -> None:
    identifier = world.subscribed()
    customer = world.client.v1.subscriptions.retrieve(identifier).customer
    for key in ("comment", "read"):
        world.control(f"products/{SIMULATED_PRODUCT}/features", lookup_key=key)
    listing = world.client.v1.entitlements.active_entitlements.list({"customer": customer, "limit": 1})
    assert {each.lookup_key for each in listing.auto_paging_iter()} == {"comment", "read"}
    world.listener.wait_for("entitlements.active_entitlement_summary.updated", 2)
    world.client.v1.subscriptions.cancel(identifier, {"cancellation_details": {"comment": "case:1"}})
    assert not world.client.v1.entitlements.active_entitlements.list({"customer": customer}).data
    world.listener.wait_for("entitlements.active_entitlement_summary.updated", 3)
    assert world.client.v1.subscriptions.retrieve(identifier).cancellation_details.comment == "case:1"


def test_collection_is_paused_and_taken_up_again(world: World) -> None:
    identifier = world.subscribed()
    update = world.client.v1.subscriptions.update
    assert update(identifier, {"pause_collection": {"behavior": "void"}}).pause_collection.behavior == "void"
    assert update(identifier, {"pause_collection": ""}).pause_collection is None
    world.listener.wait_for("customer.subscription.updated", 2)
