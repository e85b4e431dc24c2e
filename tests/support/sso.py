"""What the paper's own site says of those who are signed in there."""

import base64
import hmac
import json
import secrets
from typing import Any

from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OctKey
from werkzeug.test import TestResponse

from app import clock
from app.sign_in.paper_keys import OneAlgorithm
from app.sign_in.paper_tokens import audience
from config.settings import Settings

ORIGIN = "https://paper.example"
PAGE = {"Origin": ORIGIN, "BTL-Embed": "1"}
BROWSER = "b" * 24


def claims(settings: Settings, site_key: str, **said: Any) -> dict[str, Any]:
    """What a good token says; None takes a claim away."""
    now = int(clock.now().timestamp())
    good = {
        "aud": audience(settings, site_key),
        "sub": "reader-1",
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + 300,
    }
    return {name: value for name, value in {**good, **said}.items() if value is not None}


def signed(said: dict[str, Any], key: Any, algorithm: str = "HS256", **header: Any) -> str:
    """A token that says so, signed with a key."""
    head = {"alg": algorithm, "typ": "JWT", **header}
    return jws.serialize_compact(head, json.dumps(said), key, registry=OneAlgorithm((algorithm,)))


def by_hand(said: dict[str, Any], secret: bytes, **header: Any) -> str:
    """The same with HMAC-SHA256 under any bytes, which no library would take for a key."""
    parts = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", **header}, said))
    return f"{parts}.{_encoded(hmac.digest(secret, parts.encode(), 'sha256'))}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def token(settings: Settings, site_key: str, **said: Any) -> str:
    """A good token, signed with the secret that we share with the paper."""
    return signed(claims(settings, site_key, **said), OctKey.import_key(settings.sso_secret))


def page_token(settings: Settings, site_key: str, **said: Any) -> str:
    """A good token for our own pages."""
    return token(settings, site_key, aud=audience(settings, site_key, for_account=True), **said)


def exchange(client: FlaskClient, given: str, *, browser: str = BROWSER, **body: Any) -> TestResponse:
    """What a page of the paper gets for it."""
    asked = {"token": given, "browser": browser, "story": "tide", **body}
    return client.post("/api/v1/embed/sso", json=asked, headers=PAGE)
