"""Payment methods: what a payer pays with, whose it is, and which one is used when nobody says."""

from typing import Any

from app.simulator import cards
from app.simulator.store import NoSuchObject, Object, Store, new_id, now
from app.simulator.webhooks import emit

ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def new(kind: str, details: Object, billing: Object | None = None, number: str = "") -> Object:
    """Not attached to anybody yet. `number`, where it is a card, never leaves the simulator."""
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(billing or {}),
        kind: details,
        "created": now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
        "_number": number,
    }


def billing_details(given: Object) -> Object:
    address = given.get("address") or {}
    named = {name: given.get(name) or None for name in ("email", "name", "phone", "tax_id")}
    return {"address": {name: address.get(name) for name in ADDRESS}, **named}


def from_card(number: str, billing: Object | None = None, exp_month: int = 12, exp_year: int = 2034) -> Object:
    return new("card", cards.card(number, exp_month, exp_year), billing, number)


def from_details(kind: str, given: dict[str, Any], billing: Object | None = None) -> Object:
    """Any other kind that is known here. Raises KeyError for one that is not, or that lacks its number."""
    match kind:
        case "bacs_debit":
            sort_code, account = given["sort_code"], given["account_number"]
            mark = cards.fingerprint(kind, sort_code + account)
            details = {"fingerprint": mark, "last4": account[-4:], "sort_code": sort_code}
        case "sepa_debit":
            iban = given["iban"].replace(" ", "")
            details = {
                "bank_code": iban[4:12],
                "branch_code": None,
                "country": iban[:2],
                "fingerprint": cards.fingerprint(kind, iban),
                "generated_from": None,
                "last4": iban[-4:],
            }
        case "us_bank_account" | "acss_debit" | "au_becs_debit":
            account = given["account_number"]
            details = {"fingerprint": cards.fingerprint(kind, account), "last4": account[-4:]}
        case "paypal":
            email = given.get("payer_email") or (billing or {}).get("email")
            payer = given.get("payer_id") or cards.fingerprint(kind, email or "")[:13].upper()
            details = {"country": "GB", "payer_email": email, "payer_id": payer}
        case "link":
            email = given.get("email") or (billing or {}).get("email")
            details = {"email": email, "persistent_token": cards.fingerprint(kind, email or "")}
        case _:
            raise KeyError("type")
    return new(kind, details, billing)


def find(store: Store, identifier: str) -> Object:
    """A payment method by its id, or a new one for a test token such as pm_card_visa. Raises NoSuchObject."""
    if identifier in cards.TOKENS:
        return from_card(cards.TOKENS[identifier])
    return store.get("payment_method", identifier)


def attach(store: Store, method: Object, customer_id: str) -> Object:
    if method["customer"] == customer_id:
        return method
    method["customer"] = customer_id
    store.save("payment_method", method)
    emit(store, "payment_method.attached", method)
    return method


def detach(store: Store, method: Object) -> Object:
    owner = method["customer"]
    method["customer"] = None
    store.save("payment_method", method)
    emit(store, "payment_method.detached", method, previous={"customer": owner})
    return method


def reissue(store: Store, method: Object, number: str) -> Object:
    """The bank sent a new card and the network told Stripe of it: the same method, another number."""
    method["card"] = cards.card(number, method["card"]["exp_month"], method["card"]["exp_year"] + 3)
    method["_number"] = number
    store.save("payment_method", method)
    emit(store, "payment_method.automatically_updated", method)
    return method


def make_default(store: Store, customer: Object, method: Object) -> None:
    customer["invoice_settings"]["default_payment_method"] = method["id"]
    store.save("customer", customer)
    emit(store, "customer.updated", customer)


def default_of(store: Store, subscription: Object) -> Object | None:
    """What the subscription is paid with: its own method before its customer's."""
    customer = store.get("customer", subscription["customer"])
    chosen = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    try:
        return store.get("payment_method", chosen) if chosen else None
    except NoSuchObject:
        return None


def some_card(store: Store, customer_id: str) -> Object:
    """The customer's default method; where there is none, a card of their own becomes it."""
    customer = store.get("customer", customer_id)
    if chosen := customer["invoice_settings"]["default_payment_method"]:
        return store.get("payment_method", chosen)
    billing = {"email": customer["email"], "name": customer["name"]}
    method = attach(store, from_card(cards.number_of(customer_id), billing), customer_id)
    make_default(store, customer, method)
    return method
