"""What a customer may use: the features of the products that they pay for, as Stripe's Entitlements count them."""

from app.simulator.store import Object, Store, new_id
from app.simulator.webhooks import emit

FEATURE, ACTIVE = "entitlements.feature", "entitlements.active_entitlement"
GRANTING = {"active", "past_due", "trialing"}


def add_feature(store: Store, product_id: str, lookup_key: str) -> Object:
    """A feature of this product, for all who have it already, too."""
    product = store.get("product", product_id)
    feature = {
        "id": new_id("feat"),
        "object": FEATURE,
        "active": True,
        "livemode": False,
        "lookup_key": lookup_key,
        "metadata": {},
        "name": lookup_key,
    }
    store.save(FEATURE, feature)
    product["_features"] = [*product.get("_features", []), feature["id"]]
    store.save("product", product)
    for customer_id in {each["customer"] for each in store.find("subscription", limit=1_000_000)}:
        refresh(store, customer_id)
    return feature


def carried_by(store: Store, product_id: str) -> list[Object]:
    """The features of a product, each as what ties it to that."""
    features = store.get("product", product_id).get("_features", [])
    return [
        {
            "id": f"prodft_{feature}",
            "object": "product_feature",
            "entitlement_feature": store.get(FEATURE, feature),
            "livemode": False,
        }
        for feature in features
    ]


def refresh(store: Store, customer_id: str) -> None:
    """Bring the customer's entitlements up to their subscriptions, and tell of it where that changes any."""
    present = {each["feature"]: each for each in store.find(ACTIVE, {"_customer": customer_id}, limit=1000)}
    wanted = _features(store, customer_id)
    for feature in present.keys() - wanted:
        store.forget(present[feature]["id"])
    for feature in sorted(wanted - present.keys()):
        store.save(ACTIVE, _active(store, customer_id, feature))
    if present.keys() != wanted:
        emit(store, f"{ACTIVE}_summary.updated", summary(store, customer_id))


def summary(store: Store, customer_id: str) -> Object:
    """At most ten are in it, as at Stripe: whoever needs them all lists them."""
    found = store.find(ACTIVE, {"_customer": customer_id}, limit=11)
    return {
        "object": f"{ACTIVE}_summary",
        "customer": customer_id,
        "entitlements": {
            "object": "list",
            "data": [{name: each[name] for name in each if name != "_customer"} for each in found[:10]],
            "has_more": len(found) > 10,
            "url": f"/v1/customer/{customer_id}/entitlements",
        },
        "livemode": False,
    }


def _features(store: Store, customer_id: str) -> set[str]:
    if not store.find(FEATURE, limit=1):
        return set()
    return {
        feature
        for subscription in store.find("subscription", {"customer": customer_id}, limit=1000)
        if subscription["status"] in GRANTING
        for item in subscription["items"]["data"]
        for feature in store.get("product", item["price"]["product"]).get("_features", [])
    }


def _active(store: Store, customer_id: str, feature_id: str) -> Object:
    return {
        "id": new_id("ent"),
        "object": ACTIVE,
        "feature": feature_id,
        "livemode": False,
        "lookup_key": store.get(FEATURE, feature_id)["lookup_key"],
        "_customer": customer_id,
    }
