"""Is this webhook really from Stripe? Answered on the raw bytes, before anything is parsed.

The official SDK decodes body and header on the way and leaks exceptions for a non-ASCII header, so that
anybody could cause a 500. This verifier has one typed answer for every input.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

TOLERANCE_SECONDS = 300
FUTURE_SKEW_SECONDS = 60
MOST_HEADER_CHARACTERS = 4096


class SignatureCheck(StrEnum):
    """What is to be said of one delivery. Only VERIFIED may be read."""

    VERIFIED = "verified"
    NOT_CONFIGURED = "not_configured"
    MALFORMED = "malformed"
    FORGED = "forged"
    STALE = "stale"


def verify(body: bytes, header: str | None, secrets: Sequence[str], now: datetime) -> SignatureCheck:
    """Judge one delivery. `header` is Stripe-Signature as WSGI gives it; any of `secrets` may have signed.

    Never raises. Age is judged last, so that STALE is only ever said of something that Stripe did sign.
    """
    keys = [secret for secret in secrets if secret.strip()]
    if not keys:
        return SignatureCheck.NOT_CONFIGURED
    parts = _parse(header)
    if parts is None:
        return SignatureCheck.MALFORMED
    timestamp, signatures = parts
    if not any(_matches(sign(body, timestamp, key), signatures) for key in keys):
        return SignatureCheck.FORGED
    age = now.timestamp() - int(timestamp)
    return SignatureCheck.VERIFIED if -FUTURE_SKEW_SECONDS <= age <= TOLERANCE_SECONDS else SignatureCheck.STALE


def sign(body: bytes, timestamp: str, secret: str) -> str:
    """The v1 signature, 64 hexadecimal digits, of a body sent at `timestamp` (seconds, as in the header)."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _parse(header: str | None) -> tuple[str, list[str]] | None:
    if not header or len(header) > MOST_HEADER_CHARACTERS or not header.isascii():
        return None
    pairs = [item.split("=", 1) for item in header.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        return None
    timestamps = [value for name, value in pairs if name == "t"]
    signatures = [value for name, value in pairs if name == "v1"]
    if len(timestamps) != 1 or not signatures:
        return None
    timestamp = timestamps[0]
    return (timestamp, signatures) if timestamp.isdigit() and len(timestamp) <= 12 else None


def _matches(expected: str, signatures: list[str]) -> bool:
    return any(hmac.compare_digest(expected, signature) for signature in signatures)
