"""Where else readers sign in than with a password of ours: at the paper's own site, or by the house's provider."""

from urllib.parse import urlencode

from app.stories import sites
from app.web import forms
from app.web.services import services

OIDC_PATH = "/oidc"


def elsewhere(here: str) -> list[tuple[str, str]]:
    """Name and address of each way, to come back to `here`."""
    given = services()
    addresses = [(site.name, sites.rules_of(site, given.house).sso.log_in) for site in sites.known(given.database)]
    asked = urlencode({"next": forms.local(here)})
    if given.settings.oidc_issuer:
        addresses.insert(0, (given.house.name, OIDC_PATH))
    return [(name, f"{address}{'&' if '?' in address else '?'}{asked}") for name, address in addresses if address]
