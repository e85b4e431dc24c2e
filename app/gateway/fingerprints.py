"""What identifies a payer in Stripe's JSON: fingerprints of cards and bank accounts, ids of wallets, addresses.

Stripe gives the same fingerprint for the same number in one account of ours. Old and new shapes are read; a type that
is unknown here, or has nothing of the sort, gives nothing. Nothing read here may be logged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# the part of a payment method that is named like its type, and the field in it that says whose it is
FIELDS = {
    "card": "fingerprint",
    "bacs_debit": "fingerprint",
    "sepa_debit": "fingerprint",
    "us_bank_account": "fingerprint",
    "acss_debit": "fingerprint",
    "au_becs_debit": "fingerprint",
    "paypal": "payer_id",
    "link": "email",
}
EMAIL = "email"


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
        case "payment_method":
            yield from _method(raw)
        case "charge":
            yield from _method(raw.get("payment_method_details"))
            yield from _source(raw.get("source"))
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
    kind = details.get("type")
    part = details.get(kind) if isinstance(kind, str) and kind in FIELDS else None
    if isinstance(part, Mapping):
        yield from _value(str(kind), part.get(FIELDS[str(kind)]))


def _source(source: Any) -> Iterator[Fingerprint]:
    """How old charges name what paid them."""
    if isinstance(source, Mapping) and source.get("object") == "card":
        yield from _value("card", source.get("fingerprint"))


def _value(kind: str, value: Any) -> Iterator[Fingerprint]:
    if isinstance(value, str) and value.strip():
        yield Fingerprint(kind, value.strip())
