"""Log-ins elsewhere: at the paper's own site, and at a provider of identities. What their settings must be."""

from importlib.util import find_spec
from typing import Protocol

from config.identity_keys import SHORTEST_SECRET_CHARACTERS
from config.origins import is_address


class LogInSettings(Protocol):
    """What of the settings is about them."""

    @property
    def sso_secret(self) -> str: ...

    @property
    def sso_jwks(self) -> str: ...

    @property
    def oidc_issuer(self) -> str: ...

    @property
    def secret_keys(self) -> tuple[str, ...]: ...

    @property
    def digest_key(self) -> str: ...


def wrong(settings: LogInSettings) -> tuple[str, str] | None:
    """The first of these settings that cannot be used, and why."""
    secret, own = settings.sso_secret, (*settings.secret_keys, settings.digest_key)
    if secret and (len(secret) < SHORTEST_SECRET_CHARACTERS or secret in own):
        why = f"needs at least {SHORTEST_SECRET_CHARACTERS} characters and must be no other key of ours"
        return "BTL_SSO_SECRET", why
    if settings.sso_jwks and not is_address(settings.sso_jwks, secure=True):
        return "BTL_SSO_JWKS", "must be an address of https"
    if not settings.oidc_issuer:
        return None
    if not is_address(settings.oidc_issuer, secure=True) or "?" in settings.oidc_issuer:
        return "BTL_OIDC_ISSUER", "must be an address of https, as the provider writes it in its tokens"
    if find_spec("authlib") is None:
        return "BTL_OIDC_ISSUER", "needs the extra oidc: pip install 'below-the-line[oidc]'"
    return None
