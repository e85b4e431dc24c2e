"""Early fraud warnings: the card's network says that a payment may not have been the holder's."""

from app.simulator.store import Object, Store, new_id, now
from app.simulator.webhooks import emit

KIND = "radar.early_fraud_warning"


def warn(store: Store, charge: Object, fraud_type: str) -> Object:
    warning = {
        "id": new_id("issfr"),
        "object": KIND,
        "actionable": not (charge["refunded"] or charge["disputed"]),
        "charge": charge["id"],
        "created": now(),
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    store.save(KIND, warning)
    emit(store, f"{KIND}.created", warning)
    return warning


def settle(store: Store, charge: Object) -> None:
    """The payment was refunded or disputed: there is nothing left to do about its warnings."""
    for warning in store.find(KIND, {"charge": charge["id"]}):
        if warning["actionable"]:
            warning["actionable"] = False
            store.save(KIND, warning)
            emit(store, f"{KIND}.updated", warning)
