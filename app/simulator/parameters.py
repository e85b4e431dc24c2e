"""The parameters that each call takes. Any other is refused, as Stripe refuses it: a misspelt one is noticed."""

from collections.abc import Iterator
from typing import Any

# by method and address; a dot leads into what is nested, and a star stands for names that are the caller's own
SLICE = "limit starting_after ending_before"
CREATED = "created created.gt created.gte created.lt created.lte"
BILLING = "billing_details.name billing_details.email billing_details.phone billing_details.tax_id " + " ".join(
    f"billing_details.address.{name}" for name in ("city", "country", "line1", "line2", "postal_code", "state")
)
ITEMS = "items.price items.quantity items.metadata.*"
COMMENT = "cancellation_details.comment cancellation_details.feedback"
METHOD = (
    f"type metadata.* allow_redisplay {BILLING} bacs_debit.account_number bacs_debit.sort_code sepa_debit.iban"
    " us_bank_account.account_number acss_debit.account_number au_becs_debit.account_number"
    " paypal link"
)
ACCEPTED = {
    "GET /v1/charges": f"customer payment_intent {CREATED} {SLICE}",
    "GET /v1/checkout/sessions": f"customer subscription status payment_intent {CREATED} {SLICE}",
    "GET /v1/customers": f"email {CREATED} {SLICE}",
    "GET /v1/customers/<customer>/payment_methods": f"type {SLICE}",
    "GET /v1/coupons": f"{CREATED} {SLICE}",
    "GET /v1/promotion_codes": f"code active {CREATED} {SLICE}",
    "GET /v1/disputes": f"charge payment_intent {CREATED} {SLICE}",
    "GET /v1/entitlements/active_entitlements": f"customer {SLICE}",
    "GET /v1/entitlements/features": f"lookup_key {SLICE}",
    "GET /v1/events": f"type types delivery_success {CREATED} {SLICE}",
    "GET /v1/invoice_payments": f"invoice status payment.type payment.payment_intent {CREATED} {SLICE}",
    "GET /v1/invoices": f"customer status subscription collection_method {CREATED} {SLICE}",
    "GET /v1/invoices/<identifier>/lines": SLICE,
    "GET /v1/payment_intents": f"customer {CREATED} {SLICE}",
    "GET /v1/payment_methods": f"customer type {SLICE}",
    "GET /v1/prices": f"product active type lookup_keys {CREATED} {SLICE}",
    "GET /v1/products": f"active ids {CREATED} {SLICE}",
    "GET /v1/products/<identifier>/features": SLICE,
    "GET /v1/radar/early_fraud_warnings": f"charge payment_intent {CREATED} {SLICE}",
    "GET /v1/refunds": f"charge payment_intent {CREATED} {SLICE}",
    "GET /v1/setup_intents": f"customer payment_method {CREATED} {SLICE}",
    "GET /v1/subscription_items": f"subscription {SLICE}",
    "GET /v1/subscriptions": f"customer status price collection_method {CREATED} {SLICE}",
    "POST /v1/billing_portal/sessions": "customer return_url locale",
    "POST /v1/checkout/sessions": (
        "mode customer customer_update.name client_reference_id line_items.price line_items.quantity metadata.*"
        " subscription_data.metadata.* setup_intent_data.metadata.* success_url cancel_url locale currency"
        " allow_promotion_codes"
    ),
    "POST /v1/checkout/sessions/<identifier>/expire": "",
    "POST /v1/customers": "description email name phone metadata.*",
    "POST /v1/customers/<identifier>": (
        "description email name phone metadata.* invoice_settings.default_payment_method"
    ),
    "POST /v1/disputes/<identifier>/close": "",
    "POST /v1/invoices/<identifier>/mark_uncollectible": "",
    "POST /v1/invoices/<identifier>/pay": "",
    "POST /v1/invoices/<identifier>/void": "",
    "POST /v1/payment_methods": f"{METHOD} card.number card.exp_month card.exp_year card.cvc card.token",
    "POST /v1/payment_methods/<identifier>": f"metadata.* {BILLING} card.exp_month card.exp_year",
    "POST /v1/payment_methods/<identifier>/attach": "customer",
    "POST /v1/payment_methods/<identifier>/detach": "",
    "POST /v1/prices": "currency unit_amount product recurring.interval nickname lookup_key metadata.*",
    "POST /v1/coupons": "percent_off duration name metadata.*",
    "POST /v1/promotion_codes": "promotion.type promotion.coupon code metadata.*",
    "POST /v1/products": "name description metadata.*",
    "POST /v1/refunds": "charge payment_intent amount reason metadata.*",
    "POST /v1/setup_intents": "customer payment_method confirmation_token confirm usage metadata.* return_url",
    "POST /v1/setup_intents/<identifier>/confirm": "payment_method confirmation_token return_url",
    "POST /v1/subscriptions": (
        f"customer {ITEMS} default_payment_method metadata.* trial_period_days payment_behavior off_session"
        " collection_method days_until_due"
    ),
    "POST /v1/subscriptions/<identifier>": (
        f"cancel_at cancel_at_period_end {COMMENT} default_payment_method metadata.* pause_collection.behavior"
        " pause_collection.resumes_at items.id items.price items.quantity proration_behavior"
    ),
    "POST /v1/subscriptions/<identifier>/resume": "",
    "POST /v1/test_helpers/confirmation_tokens": "payment_method return_url setup_future_usage "
    + " ".join(f"payment_method_data.{name}" for name in METHOD.split()),
    "DELETE /v1/customers/<identifier>": "",
    "DELETE /v1/subscriptions/<identifier>": f"{COMMENT} prorate invoice_now",
}


def unknown(endpoint: str, given: dict[str, Any]) -> str | None:
    """The first parameter that the call does not take, with dots; None where it takes them all."""
    accepted = {"expand", *ACCEPTED.get(endpoint, "").split()}
    # the whole of what is nested may be taken away by an empty text
    accepted |= {name.rsplit(".", 1)[0] for name in accepted if "." in name}
    return next((name for name in _names(given) if name not in accepted), None)


def _names(given: Any, path: str = "") -> Iterator[str]:
    if isinstance(given, list):
        for each in given:
            yield from _names(each, path)
    elif isinstance(given, dict):
        for name, value in given.items():
            inner = f"{path}.{name}" if path else name
            yield from [f"{path}.*"] if path.endswith("metadata") else _names(value, inner)
    else:
        yield path
