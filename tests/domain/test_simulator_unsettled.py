"""Money that takes days, bills, coupons and changes of plan at the simulated Stripe, as the paper reads them."""

import pytest

from app.billing.entitlement import Reason
from app.simulator import shapes
from config.settings import SIMULATED_PRICE
from tests.support.paper import Paper


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives, so that each test gives the hints itself."""
    paper.control("knobs", drop_percent=100)
    return paper


def customer(paper: Paper, **method: str) -> str:
    with paper.simulated.transaction():
        made = paper.simulated.save("customer", shapes.customer("reader@example.org", None, {}))
    if method:
        paper.control(f"customers/{made['id']}/methods", **method)
    return str(made["id"])


def subscribe(paper: Paper, customer: str, **terms: object) -> str:
    """As a program of the paper does, over Stripe's API."""
    wanted = {"customer": customer, "items": [{"price": SIMULATED_PRICE}], "metadata": named(paper)}
    return str(paper.it.stripe.change(lambda v1: v1.subscriptions.create(wanted | terms))["id"])


def named(paper: Paper) -> dict[str, str]:
    return {"account_id": str(paper.reader.id)}


def reason(paper: Paper, subscription: str) -> Reason:
    paper.look("subscription", subscription)
    return paper.entitlement().reason


def test_a_first_debit_lets_write_once_it_has_arrived(paper: Paper) -> None:
    debited = customer(paper, type="sepa_debit", iban="DE89370400440532013000")
    subscription = subscribe(paper, debited)
    assert paper.simulated.get("subscription", subscription)["status"] == "active"
    assert reason(paper, subscription) is Reason.INCOMPLETE
    paper.control(f"subscriptions/{subscription}/debit_arrives")
    assert reason(paper, subscription) is Reason.ACTIVE


def test_a_later_debit_that_bounces_has_its_days_of_grace_and_a_first_one_has_none(paper: Paper) -> None:
    debited = customer(paper, type="sepa_debit", iban="DE89370400440532013000")
    subscription = subscribe(paper, debited)
    paper.control(f"subscriptions/{subscription}/debit_bounces")
    assert reason(paper, subscription) is Reason.PAST_DUE
    paper.control(f"subscriptions/{subscription}/pay")
    paper.control(f"subscriptions/{subscription}/debit_arrives")
    assert reason(paper, subscription) is Reason.ACTIVE
    paper.control(f"subscriptions/{subscription}/renew")
    assert reason(paper, subscription) is Reason.ACTIVE
    paper.control(f"subscriptions/{subscription}/pass", days=8)
    paper.control(f"subscriptions/{subscription}/debit_bounces")
    assert reason(paper, subscription) is Reason.PAST_DUE_GRACE


def test_a_bill_gives_time_and_then_days_of_grace_to_who_has_paid_one_before(paper: Paper) -> None:
    subscription = subscribe(paper, customer(paper), collection_method="send_invoice", days_until_due=30)
    assert reason(paper, subscription) is Reason.ACTIVE
    paper.control(f"subscriptions/{subscription}/bill_falls_due")
    assert reason(paper, subscription) is Reason.PAST_DUE
    paper.control(f"subscriptions/{subscription}/pay")
    assert reason(paper, subscription) is Reason.ACTIVE
    paper.control(f"subscriptions/{subscription}/renew")
    paper.control(f"subscriptions/{subscription}/pass", days=30)
    paper.control(f"subscriptions/{subscription}/bill_falls_due")
    assert reason(paper, subscription) is Reason.PAST_DUE_GRACE


def test_a_change_of_plan_for_which_nobody_pays_leaves_the_paid_month(paper: Paper) -> None:
    subscription = subscribe(paper, customer(paper, number="4242424242424242"))
    stripe = paper.it.stripe
    by_month = {"product": paper.site.products[0], "currency": "gbp", "recurring": {"interval": "month"}}
    dearer = stripe.change(lambda v1: v1.prices.create(by_month | {"unit_amount": 999}))
    (item,) = paper.simulated.get("subscription", subscription)["items"]["data"]
    switch = {"items": [{"id": item["id"], "price": dearer["id"]}], "proration_behavior": "always_invoice"}
    stripe.change(lambda v1: v1.subscriptions.update(subscription, switch))
    latest = paper.simulated.get("subscription", subscription)["latest_invoice"]
    with paper.simulated.transaction():
        invoice = paper.simulated.get("invoice", latest)
        assert invoice["billing_reason"] == "subscription_update"
        assert invoice["total"] == 500
        paper.simulated.save("invoice", invoice | {"status": "void", "amount_paid": 0})
    assert reason(paper, subscription) is Reason.ACTIVE


def test_a_promotion_code_makes_the_first_month_cheaper(paper: Paper) -> None:
    coupon = paper.it.stripe.change(lambda v1: v1.coupons.create({"percent_off": 50, "duration": "once"}))
    code = {"code": "HALF", "promotion": {"type": "coupon", "coupon": coupon["id"]}}
    paper.it.stripe.change(lambda v1: v1.promotion_codes.create(code))
    browser = paper.browser()
    address = paper.go_to_checkout(browser)
    browser.get(paper.pay(address, code="HALF"), timeout=10)
    assert paper.entitlement().reason is Reason.ACTIVE
    (invoice,) = paper.simulated.find("invoice")
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"]) == (499, 249, 249)
    paper.control(f"subscriptions/{paper.simulated.find('subscription')[0]['id']}/renew")
    assert paper.simulated.find("invoice")[0]["amount_paid"] == 499


def test_a_month_for_nothing_lets_write_and_undoes_no_refund(paper: Paper) -> None:
    coupon = paper.it.stripe.change(lambda v1: v1.coupons.create({"percent_off": 100, "duration": "once"}))
    code = {"code": "FREE", "promotion": {"type": "coupon", "coupon": coupon["id"]}}
    paper.it.stripe.change(lambda v1: v1.promotion_codes.create(code))
    browser = paper.browser()
    browser.get(paper.pay(paper.go_to_checkout(browser), code="FREE"), timeout=10)
    assert paper.entitlement().reason is Reason.ACTIVE
    assert not paper.simulated.find("charge")
