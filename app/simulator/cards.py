"""Card numbers as Stripe reads them: the brand, the fingerprint, and what the test numbers do.

Equal numbers have equal fingerprints, whatever the expiry, and different numbers different ones.
"""

import hashlib

from app.simulator.store import Object

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
USUAL = "4242424242424242"
# what becomes of the test numbers of Stripe's documentation; every other number pays
REFUSED = {"4000000000000002": "generic_decline", "4000000000009995": "insufficient_funds"}
FAILING = {"4000000000000341": "generic_decline"}
AUTHENTICATED = {"4000002500003155", "4000002760003184"}
TOKENS = {
    "pm_card_visa": USUAL,
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
}
BRANDS = (("34", "amex"), ("37", "amex"), ("4", "visa"), ("5", "mastercard"), ("6", "discover"))


def digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def fingerprint(kind: str, value: str) -> str:
    """Sixteen letters and digits that stand for one instrument of a kind."""
    left, letters = int.from_bytes(hashlib.sha256(f"{kind}:{value}".encode()).digest()), []
    for _ in range(16):
        left, place = divmod(left, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def number_of(customer_id: str) -> str:
    """A card of this customer's own, for one who never typed any; its check digit is right."""
    body = f"4{int.from_bytes(hashlib.sha256(customer_id.encode()).digest()) % 10**14:014d}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in body[::-2])
    return body + str(-(doubled + sum(map(int, body[-2::-2]))) % 10)


def brand(number: str) -> str:
    return next((name for start, name in BRANDS if number.startswith(start)), "unknown")


def card(number: str, exp_month: int = 12, exp_year: int = 2034) -> Object:
    name = brand(number)
    return {
        "brand": name,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "GB",
        "display_brand": name,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": fingerprint("card", number),
        "funding": "credit",
        "generated_from": None,
        "last4": number[-4:],
        "networks": {"available": [name], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
