"""A tour through every call of the simulated Stripe, which records what was exchanged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request, request_finished

from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT
from tests.support.stripe_world import World


@dataclass(frozen=True)
class Exchange:
    """One call of the API, by method and route, and what it was answered."""

    endpoint: str
    status: int
    answer: dict[str, Any]


@dataclass(frozen=True)
class Tour:
    """All that was exchanged on the tour; `routes` are all that there are."""

    exchanges: list[Exchange]
    events: list[dict[str, Any]]
    routes: set[str]


# those of which the tour makes an object that can be looked up by itself
COLLECTIONS = (
    "charges",
    "checkout.sessions",
    "customers",
    "disputes",
    "entitlements.features",
    "events",
    "invoice_payments",
    "invoices",
    "payment_intents",
    "payment_methods",
    "prices",
    "products",
    "coupons",
    "promotion_codes",
    "radar.early_fraud_warnings",
    "refunds",
    "setup_intents",
)


@contextmanager
def recorded(world: World) -> Iterator[list[Exchange]]:
    """What is exchanged inside the block."""
    exchanges: list[Exchange] = []

    def note(_application: Flask, response: Response) -> None:
        if request.path.startswith("/v1/"):
            exchanges.append(
                Exchange(f"{request.method} {request.url_rule}", response.status_code, response.get_json())
            )

    with request_finished.connected_to(note, world.app):
        yield exchanges


def charge_of(world: World, subscription: str) -> Any:
    """The charge of the subscription's latest invoice."""
    invoice = world.client.v1.subscriptions.retrieve(subscription).latest_invoice
    (payment,) = world.client.v1.invoice_payments.list({"invoice": invoice}).data
    return world.client.v1.payment_intents.retrieve(
        payment.payment.payment_intent, {"expand": ["latest_charge"]}
    ).latest_charge


def take(world: World) -> Tour:
    """Call everything at least once."""
    with recorded(world) as exchanges:
        sell(world)
        keep_cards(world)
        move_money(world)
        look_at_everything(world)
    routes = {
        f"{method} {rule.rule}"
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and "<path:" not in rule.rule
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    return Tour(exchanges, world.store.find("event", limit=10_000), routes)


def sell(world: World) -> None:
    v1 = world.client.v1
    product = v1.products.create({"name": "Crosswords"})
    price = v1.prices.create(
        {"product": product.id, "unit_amount": 199, "currency": "gbp", "recurring": {"interval": "month"}}
    )
    world.control(f"products/{SIMULATED_PRODUCT}/features", lookup_key="comment")
    bought = world.subscribed()
    for action in ("trial_will_end", "pause"):
        world.control(f"subscriptions/{bought}/{action}")
    v1.subscriptions.resume(bought)
    v1.products.features.list(SIMULATED_PRODUCT)
    coupon = v1.coupons.create({"percent_off": 50, "duration": "once"})
    v1.promotion_codes.create({"code": "HALF", "promotion": {"type": "coupon", "coupon": coupon.id}})
    item = v1.subscriptions.retrieve(bought)["items"].data[0].id
    switch = {"items": [{"id": item, "price": price.id}], "proration_behavior": "always_invoice"}
    v1.subscriptions.update(bought, switch)
    v1.subscriptions.update(bought, {"cancel_at_period_end": True, "metadata": {"note": "x"}})
    v1.subscriptions.update(bought, {"cancel_at_period_end": False, "pause_collection": {"behavior": "void"}})
    v1.subscriptions.cancel(bought, {"prorate": False, "cancellation_details": {"comment": "case 1"}})
    for end in ("async_payment_succeeded", "async_payment_failed"):
        world.control(f"checkouts/{world.checkout(world.customer()).id}/{end}")
    v1.checkout.sessions.expire(world.checkout(world.customer()).id)
    for token in ("pm_card_chargeCustomerFail", "pm_card_authenticationRequired", "pm_card_visa"):
        customer = world.customer().id
        method = v1.payment_methods.attach(token, {"customer": customer})
        items = [{"price": SIMULATED_PRICE}, {"price": price.id}]
        wanted = {"customer": customer, "items": items, "default_payment_method": method.id}
        made = v1.subscriptions.create({**wanted, "expand": ["latest_invoice.payments", "default_payment_method"]})
    for action in ("fail", "pay", "unpaid", "renew", "lapse"):
        world.control(f"subscriptions/{made.id}/{action}")
    v1.billing_portal.sessions.create({"customer": customer, "return_url": "http://paper.example/"})
    v1.customers.update(customer, {"name": "Ada", "invoice_settings": {"default_payment_method": method.id}})


def keep_cards(world: World) -> None:
    v1, customer = world.client.v1, world.customer().id
    for form in (
        {"type": "bacs_debit", "sort_code": "108800", "account_number": "00012345"},
        {"type": "sepa_debit", "iban": "DE89370400440532013000"},
        {"type": "us_bank_account", "account_number": "000123456789"},
        {"type": "acss_debit", "account_number": "000222222227"},
        {"type": "au_becs_debit", "account_number": "000123456"},
        {"type": "paypal", "payer_id": "QWERTY", "payer_email": "ada@example.org"},
        {"type": "link", "email": "ada@example.org"},
    ):
        world.control(f"customers/{customer}/methods", **form)
        subscription = v1.subscriptions.create({"customer": customer, "items": [{"price": SIMULATED_PRICE}]})
        assert subscription.status == "active", form
    made = v1.payment_methods.create({"type": "card", "card": {"number": "5555555555554444"}})
    v1.payment_methods.attach(made.id, {"customer": customer})
    v1.payment_methods.update(made.id, {"billing_details": {"name": "Ada"}, "card": {"exp_year": 2040}})
    world.control(f"methods/{made.id}/reissue", number="4242424242424242")
    v1.customers.payment_methods.list(customer)
    v1.payment_methods.detach(made.id)
    token = v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"})
    v1.confirmation_tokens.retrieve(token.id)
    v1.setup_intents.create({"customer": customer, "confirm": True, "confirmation_token": token.id})
    asked = v1.setup_intents.create({"customer": customer, "payment_method": "pm_card_authenticationRequired"})
    v1.setup_intents.confirm(asked.id)
    v1.customers.delete(world.customer().id)


def move_money(world: World) -> None:
    v1 = world.client.v1
    charges = [charge for charge in v1.charges.list({"limit": 100}).auto_paging_iter() if charge.paid]
    refund = v1.refunds.create({"charge": charges[0].id, "amount": 100, "reason": "requested_by_customer"})
    v1.refunds.create({"payment_intent": charges[0].payment_intent})
    world.control(f"refunds/{refund.id}/fail")
    world.control(f"charges/{charges[1].id}/warn")
    for charge, status in ((charges[1], "needs_response"), (charges[2], "warning_needs_response")):
        world.control(f"charges/{charge.id}/dispute", status=status)
    won, inquiry = v1.disputes.list().data[::-1]
    world.control(f"disputes/{won.id}/move", status="under_review")
    world.control(f"disputes/{won.id}/move", status="won")
    v1.disputes.close(inquiry.id)
    v1.charges.retrieve(charges[0].id, {"expand": ["refunds", "payment_intent.payment_method", "customer"]})
    for verb, invoice in zip(
        ("pay", "void_invoice", "mark_uncollectible"), [open_invoice(world) for _ in range(3)], strict=True
    ):
        getattr(v1.invoices, verb)(invoice)


def open_invoice(world: World) -> str:
    identifier = world.subscribed()
    world.control(f"subscriptions/{identifier}/fail")
    return str(world.client.v1.subscriptions.retrieve(identifier).latest_invoice)


def look_at_everything(world: World) -> None:
    """Each collection, and one object of each."""
    v1 = world.client.v1
    customer = v1.subscriptions.list({"status": "active"}).data[0].customer
    for path in COLLECTIONS:
        service = v1
        for part in path.split("."):
            service = getattr(service, part)
        service.retrieve(service.list({"limit": 100}).data[0].id)
    active = v1.entitlements.active_entitlements.list({"customer": customer}).data[0]
    v1.entitlements.active_entitlements.retrieve(active.id)
    subscription = v1.subscriptions.list({"status": "all", "limit": 100}).data[0]
    v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice", "customer"]})
    v1.subscription_items.list({"subscription": subscription.id})
    v1.invoices.line_items.list(subscription.latest_invoice)
