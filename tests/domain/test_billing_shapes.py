"""The same facts in the shapes that Stripe has given them since 2017 are read as the same facts."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.gateway import charges
from app.gateway.snapshot import SubscriptionItem, normalise_subscription
from config.settings import Settings
from tests.support.stripe_truth import Object, Truth

SETTINGS = Settings.from_env(
    {
        "BTL_ENVIRONMENT": "test",
        "BTL_DATABASE_URL": "sqlite:///never-opened.db",
        "BTL_SECRET_KEY": "a secret key for the tests that is long enough",
        "BTL_DIGEST_KEY": "a digest key for the tests, long enough",
        "STRIPE_API_BASE": "http://stripe.invalid",
    }
)
moments = st.integers(1_500_000_000, 2_500_000_000)
maybe = st.none() | moments
names = st.text("abcdefgh0123456789", min_size=1, max_size=8)
subscriptions = st.fixed_dictionaries(
    {
        "id": names.map("sub_{}".format),
        "customer": names.map("cus_{}".format),
        "metadata": st.sampled_from([{}, {"account_id": "77"}, {"account_id": ""}, {"other": "1"}]),
        "status": st.sampled_from(["active", "past_due", "canceled", "hibernating"]),
        "livemode": st.booleans(),
        "started": moments,
        "period": st.tuples(moments, moments),
        "sold": st.lists(st.tuples(names.map("prod_{}".format), names.map("price_{}".format)), min_size=1, max_size=4),
        # not at all, with the period, or at some moment
        "ends": st.sampled_from([None, "period"]) | moments,
        "canceled_at": maybe,
        "ended_at": maybe,
        "trial_end": maybe,
        "pause": st.sampled_from([None, "void", "keep_as_draft", "mark_uncollectible"]),
        "expanded": st.booleans(),
    }
)


def in_all(facts: Object) -> Object:
    """What has never moved; the customer is its id, or whole where the call had it expanded."""
    same = ("id", "metadata", "status", "livemode", "canceled_at", "ended_at", "trial_end")
    customer = {"id": facts["customer"], "object": "customer"} if facts["expanded"] else facts["customer"]
    return {name: facts[name] for name in same} | {"object": "subscription", "customer": customer}


def ending(facts: Object, *, by_flag: bool) -> Object:
    """An end with the period is a flag; the Portal names the moment since billing is flexible."""
    with_period = facts["ends"] == "period"
    moment = facts["period"][1] if with_period and not by_flag else None if with_period else facts["ends"]
    return {"cancel_at": moment, "cancel_at_period_end": with_period and by_flag}


def period(facts: Object) -> Object:
    return dict(zip(("current_period_start", "current_period_end"), facts["period"], strict=True))


def listed(entries: list[Object]) -> Object:
    return {"object": "list", "data": entries, "has_more": False}


def in_2017(facts: Object) -> Object:
    """As localstripe still has it: plans, a period for all of them, and no pause."""
    plans = [{"id": price, "object": "plan", "product": product} for product, price in facts["sold"]]
    items = listed([{"object": "subscription_item", "plan": plan} for plan in plans])
    known = {"start": facts["started"], "items": items, "plan": plans[0] if len(plans) == 1 else None}
    return in_all(facts) | known | period(facts) | ending(facts, by_flag=True)


def in_2020(facts: Object) -> Object:
    """Prices, with the plan beside each."""
    items = [
        {"price": {"id": price, "product": product}, "plan": {"id": price, "product": product}}
        for product, price in facts["sold"]
    ]
    known = {"start_date": facts["started"], "items": listed(items), "pause_collection": paused(facts)}
    return in_all(facts) | known | period(facts) | ending(facts, by_flag=True)


def in_2026(facts: Object) -> Object:
    """Prices alone, each item with a period of its own."""
    items = [{"price": {"id": price, "product": product}} | period(facts) for product, price in facts["sold"]]
    known = {"start_date": facts["started"], "items": listed(items), "pause_collection": paused(facts)}
    return in_all(facts) | known | ending(facts, by_flag=False)


def paused(facts: Object) -> Object | None:
    return {"behavior": facts["pause"], "resumes_at": None} if facts["pause"] else None


@given(facts=subscriptions)
def test_a_subscription_is_read_alike_in_all_three_shapes(facts: Object) -> None:
    new = normalise_subscription(in_2026(facts))
    assert normalise_subscription(in_2020(facts)) == new
    without_pause = facts | {"pause": None}
    assert normalise_subscription(in_2017(facts)) == normalise_subscription(in_2026(without_pause))
    # equal, and not by being empty
    end = datetime.fromtimestamp(facts["period"][1], UTC)
    assert new.items == tuple(SubscriptionItem(product, price, end) for product, price in facts["sold"])
    assert new.pause_behavior == facts["pause"]
    assert (new.cancel_at is None) == (facts["ends"] is None)


payments = st.fixed_dictionaries(
    {
        "customer": st.none() | names.map("cus_{}".format),
        "amount": st.integers(1, 10**6),
        "given_back": st.integers(0, 10**6),
        "status": st.sampled_from(["succeeded", "failed", "pending"]),
        "currency": st.sampled_from(["gbp", "eur", "jpy"]),
        "created": moments,
        "disputes": st.lists(
            st.sampled_from(["needs_response", "under_review", "won", "lost", "warning_needs_response", "new_word"]),
            max_size=3,
        ),
        "warnings": st.lists(st.booleans(), max_size=2),
        # of a subscription, of an invoice for something else, or of none
        "invoice": st.sampled_from(["subscription", "other", None]),
        "expanded": st.booleans(),
    }
)


def charge(facts: Object) -> Object:
    back = min(facts["given_back"], facts["amount"])
    return {
        "id": "ch_1",
        "object": "charge",
        "amount": facts["amount"],
        "amount_refunded": back,
        "refunded": back == facts["amount"],
        "livemode": False,
        **{name: facts[name] for name in ("customer", "status", "currency", "created")},
    }


def truth_about(facts: Object, invoice: Object) -> Truth:
    """What Stripe says elsewhere of the same charge."""
    truth = Truth(lambda: datetime.now(UTC))
    for number, status in enumerate(facts["disputes"]):
        truth.save("disputes", {"id": f"du_{number}", "charge": "ch_1", "status": status, "livemode": False})
    for number, actionable in enumerate(facts["warnings"]):
        warning = {"id": f"issfr_{number}", "charge": "ch_1", "actionable": actionable, "livemode": False}
        truth.save("radar.early_fraud_warnings", warning)
    if facts["invoice"]:
        truth.save("invoices", invoice)
    return truth


def read_of_2017(facts: Object) -> Any:
    """The charge names its invoice and its dispute, the invoice its subscription."""
    named = "sub_1" if facts["invoice"] == "subscription" else None
    invoice = {"id": "in_1", "object": "invoice", "subscription": named, "livemode": False}
    old = charge(facts) | {"dispute": "du_0" if facts["disputes"] else None}
    old["invoice"] = None if not facts["invoice"] else invoice if facts["expanded"] else "in_1"
    return charges.examine(truth_about(facts, invoice).client(SETTINGS), old, None)


def read_of_2026(facts: Object) -> Any:
    """A list of payments stands between the charge and its invoice, and the invoice names its parent."""
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    known = parent if facts["invoice"] == "subscription" else None
    invoice = {"id": "in_1", "object": "invoice", "parent": known, "livemode": False}
    truth = truth_about(facts, invoice)
    if facts["invoice"]:
        payment = {"type": "payment_intent", "payment_intent": "pi_1"}
        truth.save("invoice_payments", {"id": "inpay_1", "payment": payment, "invoice": invoice, "livemode": False})
    intent = {"id": "pi_1", "object": "payment_intent"} if facts["expanded"] else "pi_1"
    new = charge(facts) | {"disputed": bool(facts["disputes"]), "payment_intent": intent}
    return charges.examine(truth.client(SETTINGS), new, None)


@given(facts=payments)
def test_a_payment_is_read_alike_in_both_shapes(facts: Object) -> None:
    new = read_of_2026(facts)
    assert read_of_2017(facts) == new
    assert new.fraud_warning is any(facts["warnings"])
    assert (new.dispute_status is None) == (not facts["disputes"])
    assert new.origin.subscription == ("sub_1" if facts["invoice"] == "subscription" else None)
    assert new.origin.invoice == ("in_1" if facts["invoice"] else None)
