"""What goes over the wire for an event: the whole of it or, thin, only where to look; and Stripe's signature."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from app.simulator.store import Object

Form = Literal["snapshot", "thin"]
# the id of a thin event is made from that of its snapshot, and leads back to it
THIN_PREFIX = "evt_61"
ADDRESSES = {
    "charge": "charges",
    "checkout.session": "checkout/sessions",
    "customer": "customers",
    "dispute": "disputes",
    "invoice": "invoices",
    "payment_method": "payment_methods",
    "radar.early_fraud_warning": "radar/early_fraud_warnings",
    "refund": "refunds",
    "setup_intent": "setup_intents",
    "subscription": "subscriptions",
}


def content(event: Object, form: Form) -> bytes:
    return json.dumps(thin(event) if form == "thin" else event).encode()


def thin(event: Object) -> Object:
    """The notification of a snapshot event: no data, only which object it is about, where there is one."""
    thing = event["data"]["object"]
    created = datetime.fromtimestamp(event["created"], UTC).isoformat(timespec="milliseconds")
    notification = {
        "id": THIN_PREFIX + event["id"].removeprefix("evt_"),
        "object": "v2.core.event",
        "context": event.get("account"),
        "created": created.replace("+00:00", "Z"),
        "livemode": event["livemode"],
        "reason": None,
        "snapshot_event": event["id"],
        "type": f"v1.{event['type']}",
    }
    if "id" in thing:
        kind, identifier = thing["object"], thing["id"]
        url = f"/v1/{ADDRESSES[kind]}/{identifier}"
        notification["related_object"] = {"id": identifier, "type": kind, "url": url}
    return notification


def snapshot_id(thin_id: str) -> str:
    return "evt_" + thin_id.removeprefix(THIN_PREFIX)


def signature(body: bytes, secrets: Sequence[str], timestamp: int) -> str:
    """The header: while a secret is being rolled, one signature for each."""
    message = str(timestamp).encode() + b"." + body
    signed = [hmac.new(secret.encode(), message, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp}", *(f"v1={each}" for each in signed)])
