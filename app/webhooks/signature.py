"""Signatures as Standard Webhooks 1.0 has them, so that its libraries verify ours.

A secret is kept nowhere: it is a keyed digest of the webhook and its generation, so that who reads the database, or a
copy of it, can sign nothing. It is good for as long as BTL_DIGEST_KEY stays.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from app.digests import digest
from app.models import Webhook
from config.settings import Settings

PREFIX = "whsec_"
# for how long the secret before signs, too
BOTH_FOR = timedelta(days=1)


def secret(settings: Settings, webhook: Webhook, generation: int | None = None) -> str:
    """The secret of a webhook as its receiver is given it: that of now, or of an earlier generation."""
    key = digest(settings, "webhook", f"{webhook.id}:{generation or webhook.generation}")
    return PREFIX + base64.b64encode(bytes.fromhex(key)).decode()


def headers(settings: Settings, webhook: Webhook, message_id: int, body: bytes, now: datetime) -> dict[str, str]:
    """What goes with a body that is sent `now` (UTC). For a while after a rotation there are two signatures."""
    generations = [webhook.generation]
    if webhook.rotated_at and now < webhook.rotated_at + BOTH_FOR:
        generations.append(webhook.generation - 1)
    timestamp = str(int(now.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [_signature(secret(settings, webhook, each), signed) for each in generations]
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(key: str, signed: bytes) -> str:
    made = hmac.new(base64.b64decode(key.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"
