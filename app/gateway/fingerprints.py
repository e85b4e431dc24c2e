"""What identifies a payer in Stripe's JSON: fingerprints of cards and bank accounts, ids of wallets, addresses.

Stripe gives the same fingerprint for the same number in one account of ours. Old and new shapes are read; a type that
is unknown here, or has nothing of the sort, gives nothing. Nothing read here may be logged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

EMAIL, WALLET = "email", "wallet"
# by the part of a payment method that is named like its type: of which kind is what says whose it is, and its field
FIELDS = {
    "card": ("card", "fingerprint"),
    "card_present": ("card", "fingerprint"),
    "interac_present": ("card", "fingerprint"),
    "three_d_secure": ("card", "fingerprint"),
    "bacs_debit": ("bacs_debit", "fingerprint"),
    "sepa_debit": ("sepa_debit", "fingerprint"),
    "us_bank_account": ("us_bank_account", "fingerprint"),
    # the same account, as it was debited before there were payment methods
    "ach_debit": ("us_bank_account", "fingerprint"),
    "acss_debit": ("acss_debit", "fingerprint"),
    "au_becs_debit": ("au_becs_debit", "fingerprint"),
    "paypal": ("paypal", "payer_id"),
    "alipay": (WALLET, "buyer_id"),
    "bizum": (WALLET, "buyer_id"),
    "blik": (WALLET, "buyer_id"),
    "cashapp": (WALLET, "buyer_id"),
    "kakao_pay": (WALLET, "buyer_id"),
    "kr_card": (WALLET, "buyer_id"),
    "naver_pay": (WALLET, "buyer_id"),
    "payco": (WALLET, "buyer_id"),
    "pix": (WALLET, "fingerprint"),
    "samsung_pay": (WALLET, "buyer_id"),
    "swish": (WALLET, "fingerprint"),
    "wechat_pay": (WALLET, "fingerprint"),
    "link": ("link", "email"),
}
# what was charged before there were payment methods
SOURCES = {"card": "card", "bank_account": "us_bank_account"}


@dataclass(frozen=True)
class Fingerprint:
    """One thing somebody pays with; the value does not show in messages."""

    kind: str
    value: str = field(repr=False)


def of(raw: Any) -> list[Fingerprint]:
    """All that identifies the payer in a payment method, charge, setup intent, confirmation token, customer or
    subscription, with whatever of these was expanded in it; each once, in the order of the object."""
    return list(dict.fromkeys(_of(raw)))


def _of(raw: Any) -> Iterator[Fingerprint]:
    if not isinstance(raw, Mapping):
        return  # not expanded
    match raw.get("object"):
        case "payment_method" | "source":
            yield from _method(raw)
        case "card" | "bank_account" as source:
            yield from _value(SOURCES[source], raw.get("fingerprint"))
        case "charge":
            yield from _method(raw.get("payment_method_details"))
            yield from _of(raw.get("source"))
        case "setup_intent":
            yield from _of(raw.get("payment_method"))
            attempt = raw.get("latest_attempt")
            yield from _method(attempt.get("payment_method_details") if isinstance(attempt, Mapping) else None)
        case "confirmation_token":
            yield from _method(raw.get("payment_method_preview"))
        case "subscription":
            yield from _of(raw.get("default_payment_method"))
        case "customer":
            yield from _value(EMAIL, raw.get("email"))


def _method(details: Any) -> Iterator[Fingerprint]:
    if not isinstance(details, Mapping):
        return
    name = details.get("type")
    part = details.get(name) if isinstance(name, str) and name in FIELDS else None
    if isinstance(part, Mapping):
        kind, field_ = FIELDS[str(name)]
        # who has an id at one wallet may be somebody else at another
        yield from _value(kind, part.get(field_), of=f"{name}:" if kind == WALLET else "")


def _value(kind: str, value: Any, *, of: str = "") -> Iterator[Fingerprint]:
    if isinstance(value, str) and value.strip():
        yield Fingerprint(kind, of + value.strip())
