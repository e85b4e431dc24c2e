"""Signing in by the house's provider of identities: OpenID Connect, as a code with PKCE, state and nonce, by Authlib.

What the provider is like it publishes below its address, which the operator has set. Its keys count as the paper's do:
which algorithm a key is for follows from the key.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from app import clock
from app.errors import Malformed, NotFound, Unready
from app.installation import Installation
from app.language import mark
from app.sign_in import paper_keys, paper_tokens, token_endpoint
from app.sign_in.foreign_log_in import ForeignLogIn
from app.sign_in.paper_keys import OneAlgorithm
from app.sign_in.published import Kept
from app.sign_in.token_endpoint import Away, Declined
from app.stories import sites
from config import origins
from config.settings import Settings

OIDC = "oidc"
# where the provider sends its readers back to
BACK = "/oidc/back"
SCOPE = "openid email profile"
SHOWN_BY = ("client_secret_basic", "client_secret_post")
AWAY = mark("The service that you sign in by does not answer at the moment. Please try again later.")
STALE = mark("This way in was begun in another window, or too long ago. Please begin again.")
REFUSED = mark("The service that you sign in by has not let you in.")
INVALID = mark("What the service that you sign in by says of you cannot be believed.")


@dataclass(frozen=True)
class Provider:
    """Where it lets people in and gives out what it says of them, and with which keys it signs that.

    `shown_by`: how our secret is shown to it, in the words of OpenID Connect.
    """

    authorization: str
    token: str
    keys: str
    shown_by: str


@dataclass(frozen=True)
class Attempt:
    """One way to the provider and back: what must come back (`state`), stand in what it says (`nonce`), and be shown to
    get that (`verifier`).
    """

    state: str
    nonce: str
    verifier: str


def begin(settings: Settings) -> tuple[str, Attempt]:
    """Where to send somebody to be let in, and what their browser keeps meanwhile. Raises NotFound, Unready."""
    attempt = Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))
    address, _state = _client(settings).create_authorization_url(
        _provider(settings).authorization, attempt.state, code_verifier=attempt.verifier, nonce=attempt.nonce
    )
    return str(address), attempt


def finish(it: Installation, attempt: Attempt | None, answer: Mapping[str, str]) -> ForeignLogIn:
    """Who has come back with the provider's `answer` (the fields of its address). Asks the provider.

    Raises NotFound, Unready, and Malformed (422: oidc_state, oidc_refused, oidc_invalid).
    """
    provider = _provider(it.settings)
    if attempt is None or not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise Malformed("oidc_state", STALE)
    if answer.get("iss", it.settings.oidc_issuer) != it.settings.oidc_issuer:
        raise _invalid()
    if not answer.get("code"):
        raise Malformed("oidc_refused", REFUSED)
    given = _exchange(it.settings, provider, attempt, answer["code"])
    claims = _claims(it.settings, provider, attempt, given)
    return _log_in(it, claims)


def _exchange(settings: Settings, provider: Provider, attempt: Attempt, code: str) -> dict[str, Any]:
    """What the provider gives for a code."""
    from authlib.oauth2 import ClientAuth
    from authlib.oauth2.rfc6749.parameters import prepare_token_request

    client = ClientAuth(settings.oidc_client_id, settings.oidc_client_secret, provider.shown_by)
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    asked = prepare_token_request(
        "authorization_code", redirect_uri=_back(settings), code=code, code_verifier=attempt.verifier
    )
    _address, headers, body = client.prepare("POST", provider.token, headers, asked)
    try:
        return token_endpoint.at(provider.token).exchange(headers, body)
    except Declined as error:
        raise Malformed("oidc_refused", REFUSED) from error
    except Away as error:
        raise Unready("oidc_unavailable", AWAY) from error


def _claims(settings: Settings, provider: Provider, attempt: Attempt, given: dict[str, Any]) -> dict[str, Any]:
    """What stands in the ID token, once signature, issuer, audience, times and nonce were found good."""
    from authlib.oidc.core import CodeIDToken

    text = str(given.get("id_token"))
    try:
        key_id = paper_tokens.key_id(text)
    except Malformed as error:
        raise _invalid() from error
    key = paper_keys.find_published(paper_keys.published_at(provider.keys), key_id) if key_id else None
    if key is None:
        raise _invalid()
    try:
        read = jwt.decode(text, key.key, registry=OneAlgorithm(key.algorithm))
        options = {
            "iss": {"essential": True, "value": settings.oidc_issuer},
            "aud": {"essential": True, "value": settings.oidc_client_id},
        }
        known = {
            "nonce": attempt.nonce,
            "client_id": settings.oidc_client_id,
            "access_token": given.get("access_token"),
        }
        claims = CodeIDToken(read.claims, read.header, options, known)
        claims.validate(int(clock.now().timestamp()), leeway=paper_tokens.SKEW_SECONDS)
    except (JoseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise _invalid() from error
    return dict(claims)


def _log_in(it: Installation, claims: dict[str, Any]) -> ForeignLogIn:
    subject, email, name, locale = (_text(claims.get(part)) for part in ("sub", "email", "name", "locale"))
    if not 0 < len(subject) <= paper_tokens.MOST_CHARACTERS_OF_A_SUBJECT:
        raise _invalid()
    with it.database.reading() as session:
        trusted = sites.rules_of_no_site(session, it.house).sso.mailboxes_verified
    return ForeignLogIn(
        provider=OIDC,
        # another provider may call somebody else so
        subject=f"{it.settings.oidc_issuer} {subject}",
        email=email or None,
        mailbox_confirmed=trusted and claims.get("email_verified") is True,
        name=name,
        language=paper_tokens.language(locale),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() else ""


def _client(settings: Settings) -> Any:
    from authlib.oauth2 import OAuth2Client

    return OAuth2Client(
        None,
        settings.oidc_client_id,
        scope=SCOPE,
        redirect_uri=_back(settings),
        code_challenge_method="S256",
    )


def _back(settings: Settings) -> str:
    return f"{settings.public_url}{BACK}"


def _provider(settings: Settings) -> Provider:
    if not settings.oidc_issuer:
        raise NotFound
    found = _published_by(settings.oidc_issuer).known()
    if found is None:
        raise Unready("oidc_unavailable", AWAY)
    return found


@cache
def _published_by(issuer: str) -> Kept[Provider]:
    """What a provider publishes of itself."""

    def understood(document: bytes) -> Provider:
        said = json.loads(document)
        addresses = [said[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if said["issuer"] != issuer or not all(origins.is_address(str(each), secure=True) for each in addresses):
            raise ValueError("another provider's")
        ways = said.get("token_endpoint_auth_methods_supported") or ()
        # who does not say takes the usual way
        shown_by = next((way for way in SHOWN_BY if way in ways), SHOWN_BY[0])
        authorization, token, keys = addresses
        return Provider(authorization, token, keys, shown_by)

    return Kept(f"{issuer.removesuffix('/')}/.well-known/openid-configuration", understood)


def _invalid() -> Malformed:
    return Malformed("oidc_invalid", INVALID)
