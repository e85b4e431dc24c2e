"""Coupons, the codes which readers type at Checkout, and what they take off the next invoices."""

from app.simulator.store import Object, Store, new_id, now

COUPON, CODE, DISCOUNT = "coupon", "promotion_code", "discount"


def coupon(percent_off: int, duration: str = "once") -> Object:
    """So many per cent off one invoice ("once") or all ("forever")."""
    return {
        "id": new_id("coupon"),
        "object": COUPON,
        "amount_off": None,
        "created": now(),
        "currency": None,
        "duration": duration,
        "duration_in_months": None,
        "livemode": False,
        "metadata": {},
        "name": None,
        "percent_off": float(percent_off),
        "times_redeemed": 0,
        "valid": True,
    }


def promotion_code(coupon_id: str, code: str) -> Object:
    return {
        "id": new_id("promo"),
        "object": CODE,
        "active": True,
        "code": code,
        "created": now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "promotion": {"type": "coupon", "coupon": coupon_id},
        "times_redeemed": 0,
    }


def find_code(store: Store, code: str) -> Object | None:
    """The promotion code that a reader typed; None where there is none."""
    return next((each for each in store.find(CODE, {"code": code}) if each["active"]), None)


def give(store: Store, subscription: Object, code: Object) -> None:
    """From now on the subscription has the discount that the code stands for."""
    made = {
        "id": new_id("di"),
        "object": DISCOUNT,
        "checkout_session": None,
        "customer": subscription["customer"],
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": code["id"],
        "source": code["promotion"],
        "start": now(),
        "subscription": subscription["id"],
        "subscription_item": None,
    }
    subscription["discounts"] = [*subscription["discounts"], store.save(DISCOUNT, made)["id"]]


def take_off(store: Store, subscription: Object, amount: int) -> int:
    """What is left of an amount that is charged now; a discount for once is used up by it."""
    lasting = []
    for identifier in subscription["discounts"]:
        known = store.get(COUPON, store.get(DISCOUNT, identifier)["source"]["coupon"])
        amount -= round(amount * known["percent_off"] / 100)
        if known["duration"] == "forever":
            lasting.append(identifier)
    subscription["discounts"] = lasting
    return amount
