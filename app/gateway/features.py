"""Features, by which a paper may sell whatever product they come with: who is entitled to one, and what carries it."""

from collections.abc import Iterable

from app.gateway.client import LONGEST_SLICE, NotPermitted, NotThere, Stripe


def of_customer(stripe: Stripe, customer_id: str) -> list[str] | None:
    """Lookup keys of all features that the customer is entitled to now, in alphabetical order.

    None where the key may not read them: a site that sells by a plan's old id, which looks like a lookup key, has none.
    """
    query = {"customer": customer_id, "limit": LONGEST_SLICE}
    active = stripe.walk(lambda v1: v1.entitlements.active_entitlements.list(query))
    try:
        return sorted({entitlement["lookup_key"] for entitlement in active})
    except NotPermitted:
        return None


def of_products(stripe: Stripe, products: Iterable[str]) -> dict[str, list[str]] | None:
    """By lookup key, in alphabetical order: which of the products carry the feature; None where the key may not ask.

    A customer is entitled by any subscription of theirs, and this tells which: it, and no other, has to be paid.
    """
    carried: dict[str, list[str]] = {}
    for product_id in sorted(products):
        query = {"limit": LONGEST_SLICE}
        listed = stripe.walk(lambda v1, product=product_id, query=query: v1.products.features.list(product, query))  # type: ignore[misc]
        try:
            keys = [feature["entitlement_feature"]["lookup_key"] for feature in listed]
        except NotThere:
            continue
        except NotPermitted:
            return None
        for key in keys:
            carried.setdefault(key, []).append(product_id)
    return dict(sorted(carried.items()))
