"""Keyed digests: how we recognise an address or a token without keeping it.

A plain hash of an e-mail address can be guessed; one keyed with a secret outside of the database cannot. Each use has a
domain of its own, so that digests of different things never compare equal.
"""

import hashlib
import hmac

from config.settings import Settings


def digest(settings: Settings, domain: str, value: str) -> str:
    """64 hexadecimal digits of HMAC-SHA256 over `value` within `domain` ("email", "one-time", ...)."""
    return hmac.new(settings.digest_key.encode(), f"v1|{domain}|{value}".encode(), hashlib.sha256).hexdigest()
