"""What identifies a payer is read from every shape that Stripe has had, and nothing else is."""

from typing import Any

import pytest
import stripe

from app.gateway import fingerprints
from app.gateway.fingerprints import Fingerprint

CARD: dict[str, Any] = {
    "fingerprint": "Xt5EWLLDS7FJjR1c",
    "last4": "4242",
    "exp_month": 1,
    "exp_year": 2030,
    "brand": "visa",
}
METHOD = {"object": "payment_method", "id": "pm_1", "type": "card", "card": CARD}
SEEN = [Fingerprint("card", "Xt5EWLLDS7FJjR1c")]


def method(kind: str, **part: Any) -> dict[str, Any]:
    return {"object": "payment_method", "type": kind, kind: part, "billing_details": {"email": "not@counted.example"}}


@pytest.mark.parametrize(
    "raw",
    [
        METHOD,
        {"object": "charge", "payment_method_details": {"type": "card", "card": CARD}},
        {"object": "charge", "source": {"object": "card", **CARD}},
        {"object": "charge", "source": {"object": "source", "type": "card", "card": CARD}},
        {"object": "setup_intent", "payment_method": METHOD, "latest_attempt": "setatt_1"},
        {
            "object": "setup_intent",
            "payment_method": "pm_1",
            "latest_attempt": {"payment_method_details": {"type": "card", "card": CARD}},
        },
        {"object": "confirmation_token", "payment_method_preview": {"type": "card", "card": CARD}},
        {"object": "subscription", "default_payment_method": METHOD},
    ],
    ids=lambda raw: str(raw["object"]),
)
def test_a_card_is_the_same_card_wherever_it_stands(raw: dict[str, Any]) -> None:
    assert fingerprints.of(raw) == SEEN


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        (method("bacs_debit", fingerprint="b"), [Fingerprint("bacs_debit", "b")]),
        (method("sepa_debit", fingerprint="s"), [Fingerprint("sepa_debit", "s")]),
        (method("us_bank_account", fingerprint="u"), [Fingerprint("us_bank_account", "u")]),
        (method("acss_debit", fingerprint="a"), [Fingerprint("acss_debit", "a")]),
        (method("au_becs_debit", fingerprint="b"), [Fingerprint("au_becs_debit", "b")]),
        (method("ach_debit", fingerprint="u"), [Fingerprint("us_bank_account", "u")]),
        (
            {"object": "charge", "source": {"object": "bank_account", "fingerprint": "u"}},
            [Fingerprint("us_bank_account", "u")],
        ),
        (method("cashapp", buyer_id="c", cashtag="$typed"), [Fingerprint("wallet", "cashapp:c")]),
        (method("kakao_pay", buyer_id="c", transaction_id="t"), [Fingerprint("wallet", "kakao_pay:c")]),
        (method("swish", fingerprint="f"), [Fingerprint("wallet", "swish:f")]),
        (method("interac_present", fingerprint="i"), [Fingerprint("card", "i")]),
        (method("paypal", payer_id="p", payer_email="a@b.example"), [Fingerprint("paypal", "p")]),
        (method("link", email="a@b.example"), [Fingerprint("link", "a@b.example")]),
        ({"object": "customer", "email": " a@b.example "}, [Fingerprint("email", "a@b.example")]),
    ],
)
def test_each_kind_has_a_field_that_says_whose_it_is(raw: dict[str, Any], seen: list[Fingerprint]) -> None:
    assert fingerprints.of(raw) == seen


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "pm_1",
        7,
        [],
        {},
        {"object": "payment_method"},
        {"object": "payment_method", "type": "card"},
        {"object": "payment_method", "type": "card", "card": None},
        {"object": "payment_method", "type": ["card"], "card": CARD},
        method("card", fingerprint=None, last4="4242"),
        method("card", fingerprint=["x"]),
        method("card", fingerprint=" "),
        method("klarna", fingerprint="u"),
        method("quantum_wallet", fingerprint="q"),
        {"object": "charge", "source": {"object": "account", "fingerprint": "x"}},
        # the account that Stripe gives a payer to pay into
        {"object": "source", "type": "ach_credit_transfer", "ach_credit_transfer": {"fingerprint": "x"}},
        {"object": "customer", "deleted": True},
        {"object": "setup_intent", "payment_method": "pm_1", "latest_attempt": "setatt_1"},
        {"object": "invoice", "payment_method": METHOD},
    ],
)
def test_anything_else_gives_nothing(raw: Any) -> None:
    assert fingerprints.of(raw) == []


@pytest.mark.parametrize(
    "shape",
    [
        stripe.PaymentMethod,
        stripe.Charge.PaymentMethodDetails,
        stripe.SetupAttempt.PaymentMethodDetails,
        stripe.ConfirmationToken.PaymentMethodPreview,
        stripe.Source,
    ],
)
def test_all_that_the_sdk_knows_to_name_a_payer_is_read(shape: Any) -> None:
    names = {"fingerprint", "buyer_id", "payer_id"}
    marks = {name: names.intersection(part.__annotations__) for name, part in shape._inner_class_types.items()}
    marks.pop("ach_credit_transfer", None)
    read = {name: {field} for name, (_kind, field) in fingerprints.FIELDS.items()}
    assert [name for name, known in marks.items() if known and not known & read.get(name, set())] == []


def test_what_was_read_shows_in_no_message() -> None:
    assert CARD["fingerprint"] not in repr(fingerprints.of(METHOD))
