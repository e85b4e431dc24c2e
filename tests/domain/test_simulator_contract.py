"""The stand-in is held to Stripe's own types: whatever it sends, takes or tells of is in the installed SDK.

A tour through every call is recorded and looked at. What our own gateway calls: test_gateway_contract.py.
"""

import copy
from pathlib import Path
from typing import Any

import pytest
import stripe

from app.simulator import notifications, parameters
from tests.support.stripe_contract import EVENT_TYPES, Drift, check, check_event_type, check_list, check_parameter
from tests.support.stripe_tour import Tour, take
from tests.support.stripe_world import running_world

# the SDK's class for the parameters of each call
PARAMS = {
    "GET /v1/charges": "ChargeListParams",
    "GET /v1/checkout/sessions": "checkout.SessionListParams",
    "GET /v1/customers": "CustomerListParams",
    "GET /v1/customers/<customer>/payment_methods": "CustomerPaymentMethodListParams",
    "GET /v1/disputes": "DisputeListParams",
    "GET /v1/entitlements/active_entitlements": "entitlements.ActiveEntitlementListParams",
    "GET /v1/entitlements/features": "entitlements.FeatureListParams",
    "GET /v1/events": "EventListParams",
    "GET /v1/invoice_payments": "InvoicePaymentListParams",
    "GET /v1/invoices": "InvoiceListParams",
    "GET /v1/invoices/<identifier>/lines": "InvoiceLineItemListParams",
    "GET /v1/payment_intents": "PaymentIntentListParams",
    "GET /v1/payment_methods": "PaymentMethodListParams",
    "GET /v1/prices": "PriceListParams",
    "GET /v1/products": "ProductListParams",
    "GET /v1/products/<identifier>/features": "ProductFeatureListParams",
    "GET /v1/coupons": "CouponListParams",
    "GET /v1/promotion_codes": "PromotionCodeListParams",
    "GET /v1/radar/early_fraud_warnings": "radar.EarlyFraudWarningListParams",
    "GET /v1/refunds": "RefundListParams",
    "GET /v1/setup_intents": "SetupIntentListParams",
    "GET /v1/subscription_items": "SubscriptionItemListParams",
    "GET /v1/subscriptions": "SubscriptionListParams",
    "POST /v1/billing_portal/sessions": "billing_portal.SessionCreateParams",
    "POST /v1/checkout/sessions": "checkout.SessionCreateParams",
    "POST /v1/checkout/sessions/<identifier>/expire": "checkout.SessionExpireParams",
    "POST /v1/customers": "CustomerCreateParams",
    "POST /v1/customers/<identifier>": "CustomerUpdateParams",
    "POST /v1/disputes/<identifier>/close": "DisputeCloseParams",
    "POST /v1/invoices/<identifier>/mark_uncollectible": "InvoiceMarkUncollectibleParams",
    "POST /v1/invoices/<identifier>/pay": "InvoicePayParams",
    "POST /v1/invoices/<identifier>/void": "InvoiceVoidInvoiceParams",
    "POST /v1/payment_methods": "PaymentMethodCreateParams",
    "POST /v1/payment_methods/<identifier>": "PaymentMethodUpdateParams",
    "POST /v1/payment_methods/<identifier>/attach": "PaymentMethodAttachParams",
    "POST /v1/payment_methods/<identifier>/detach": "PaymentMethodDetachParams",
    "POST /v1/coupons": "CouponCreateParams",
    "POST /v1/prices": "PriceCreateParams",
    "POST /v1/promotion_codes": "PromotionCodeCreateParams",
    "POST /v1/products": "ProductCreateParams",
    "POST /v1/refunds": "RefundCreateParams",
    "POST /v1/setup_intents": "SetupIntentCreateParams",
    "POST /v1/setup_intents/<identifier>/confirm": "SetupIntentConfirmParams",
    "POST /v1/subscriptions": "SubscriptionCreateParams",
    "POST /v1/subscriptions/<identifier>": "SubscriptionUpdateParams",
    "POST /v1/subscriptions/<identifier>/resume": "SubscriptionResumeParams",
    "POST /v1/test_helpers/confirmation_tokens": "test_helpers.ConfirmationTokenCreateParams",
    "DELETE /v1/customers/<identifier>": "CustomerDeleteParams",
    "DELETE /v1/subscriptions/<identifier>": "SubscriptionCancelParams",
}
# what a newspaper needs to hear of, and the stand-in therefore has to tell
NEEDED = {
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "charge.succeeded",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "customer.updated",
    "customer.deleted",
    "payment_method.attached",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "setup_intent.succeeded",
    "entitlements.active_entitlement_summary.updated",
}


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Tour:
    with running_world(tmp_path_factory.mktemp("tour")) as world:
        return take(world)


def test_every_call_is_on_the_tour_and_has_its_parameters_named(tour: Tour) -> None:
    made = {exchange.endpoint for exchange in tour.exchanges}
    assert tour.routes - made == set()
    assert {route for route in tour.routes if "<identifier>" not in route} <= parameters.ACCEPTED.keys()
    assert parameters.ACCEPTED.keys() == PARAMS.keys() <= tour.routes
    assert {exchange.status for exchange in tour.exchanges} == {200}


def test_every_key_and_every_word_that_is_sent_is_stripes(tour: Tour) -> None:
    for exchange in tour.exchanges:
        examine = check_list if exchange.answer["object"] == "list" else check
        examine(exchange.answer, exchange.endpoint)


@pytest.mark.parametrize("endpoint", sorted(parameters.ACCEPTED))
def test_every_parameter_that_is_taken_is_stripes(endpoint: str) -> None:
    for name in parameters.ACCEPTED[endpoint].split():
        check_parameter(PARAMS[endpoint], name)


def test_a_parameter_that_is_not_taken_is_refused(tmp_path: Path) -> None:
    with running_world(tmp_path) as world:
        for wanted in ({"emale": "a@example.org"}, {"metadata": {"a": {"b": "c"}}, "invoice_settings": {"x": "y"}}):
            with pytest.raises(stripe.InvalidRequestError) as refused:
                world.client.v1.customers.create(wanted)
            assert refused.value.code == "parameter_unknown"


def test_every_event_is_one_that_stripe_sends_and_none_that_is_needed_is_missing(tour: Tour) -> None:
    told = {event["type"] for event in tour.events}
    assert NEEDED - told == set()
    assert NEEDED <= EVENT_TYPES
    for event in tour.events:
        check_event_type(event["type"])
        check(event)
        if event["data"]["object"].get("deleted") is None:
            check(event["data"]["object"], event["type"])


def test_every_event_is_thin_as_stripe_sends_it(tour: Tour) -> None:
    client = stripe.StripeClient("sk_test_x")
    paths = {exchange.endpoint.removeprefix("GET ").removesuffix("/<identifier>") for exchange in tour.exchanges}
    for event in tour.events:
        thin = notifications.thin(event)
        check_event_type(thin["type"])
        assert thin.keys() - {"related_object"} <= stripe.v2.core.Event.__annotations__.keys()
        told = client.parse_event_notification_without_verification(notifications.content(event, "thin"))
        assert told.type == thin["type"]
        assert hasattr(told, "related_object") == ("related_object" in thin), thin["type"]
        if "related_object" in thin:
            assert thin["related_object"]["url"].rpartition("/")[0] in paths


def spoil(answer: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The answer with another value at a path."""
    spoilt = copy.deepcopy(answer)
    holder: Any = spoilt
    *way, last = path.split(".")
    for part in way:
        holder = holder[int(part) if part.isdecimal() else part]
    holder[last] = value
    return spoilt


@pytest.mark.parametrize(
    ("endpoint", "path", "value"),
    [
        ("POST /v1/subscriptions", "current_period_end", 1),
        ("POST /v1/subscriptions", "status", "happy"),
        ("POST /v1/subscriptions", "items.data.0.plam", {}),
        ("POST /v1/subscriptions", "items.data.0.price.recurring.interval", "fortnight"),
        ("POST /v1/subscriptions", "latest_invoice.subscription", "sub_1"),
        ("POST /v1/subscriptions", "latest_invoice.payments.data.0.payment.intent", "pi_1"),
        ("POST /v1/subscriptions", "latest_invoice.parent.subscription_details.id", "sub_1"),
        ("POST /v1/subscriptions", "default_payment_method.card.finger_print", "x"),
        ("POST /v1/subscriptions", "created", "2026-11-22"),
        ("POST /v1/subscriptions", "object", "subscription_of_ours"),
        ("POST /v1/refunds", "amount", True),
        ("POST /v1/refunds", "charge", 7),
        ("POST /v1/refunds", "livemode", False),
    ],
)
def test_what_stripe_would_not_send_is_found(tour: Tour, endpoint: str, path: str, value: Any) -> None:
    answer = next(each.answer for each in tour.exchanges if each.endpoint == endpoint)
    check(answer)
    with pytest.raises(Drift):
        check(spoil(answer, path, value))


@pytest.mark.parametrize("name", ["invoice.happened", "v1.invoice.happened", "v2.invoice.paid"])
def test_an_event_that_stripe_does_not_send_is_found(name: str) -> None:
    with pytest.raises(Drift):
        check_event_type(name)


@pytest.mark.parametrize("path", ["prize", "items.prize", "items.price.id", "customer.*", "metadat.*"])
def test_a_parameter_that_stripe_does_not_take_is_found(path: str) -> None:
    with pytest.raises(Drift):
        check_parameter("SubscriptionCreateParams", path)
